import { Trap } from "../../../core/wait/errors.ts";
import type { WasiHost } from "../../host.ts";
import { randomInterfaces } from "../../random.ts";

/** `wasi:random` 0.2, getrandom(2). A call for more than `maxRandomSize` bytes traps. */
export const random = randomInterfaces(checked, "insecure-seed");

function checked({ maxRandomSize }: WasiHost, length: bigint): bigint {
  if (length > maxRandomSize) throw new Trap(`requested len ${length} exceeds limit ${maxRandomSize}`);
  return length;
}
