import type { HostInstance } from "../../../component/host.ts";
import { Trap } from "../../../core/wait/errors.ts";
import type { WasiHost } from "../../host.ts";
import { randomInterfaces } from "../../random.ts";

/** `wasi:random`: a call that asks for more than `maxRandomSize` bytes traps. */
export function random({ machine, maxRandomSize }: WasiHost): Readonly<Record<string, HostInstance>> {
  function checked(length: bigint): bigint {
    if (length > maxRandomSize) throw new Trap(`requested len ${length} exceeds limit ${maxRandomSize}`);
    return length;
  }
  return randomInterfaces(machine, checked, "insecure-seed");
}
