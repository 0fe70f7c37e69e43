import type { HostInstance } from "../../../component/host.ts";

/** `wasi:config/store`: values that were given on the command line, none of which can fail to be read. */
export function configStore(values: ReadonlyMap<string, string>): HostInstance {
  return {
    get: (key: string) => values.get(key),
    "get-all": () => [...values],
  };
}
