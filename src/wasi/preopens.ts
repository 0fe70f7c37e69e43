import type { HostInstance } from "../component/host.ts";
import { Descriptor } from "../core/files/descriptor.ts";
import type { WasiHost } from "./host.ts";

/**
 * Makes `wasi:filesystem/preopens`, the same in every version. `get-directories` returns a new descriptor for each
 * directory, with the guest's name for it.
 */
export function preopens(host: WasiHost): HostInstance {
  return {
    "get-directories"() {
      if (host.preopens.length === 0) host.onMissing?.("directories");
      return host.preopens.map(({ directory, name, readOnly }) => [
        new Descriptor(host, directory, { read: true, write: false, mutateDirectory: !readOnly }),
        name,
      ]);
    },
  };
}
