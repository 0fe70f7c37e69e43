import type { HostInstance } from "../../../component/host.ts";
import { Trap } from "../../../core/wait/errors.ts";
import type { WasiHost } from "../../host.ts";
import { randomBytes, randomU64, seedOf } from "../../random.ts";

/** @throws Trap for more than `maxRandomSize` */
function bytesOf({ machine, maxRandomSize }: WasiHost, length: bigint): Uint8Array {
  if (length > maxRandomSize) throw new Trap(`requested len ${length} exceeds limit ${maxRandomSize}`);
  return randomBytes(machine, length);
}

/** `wasi:random/random` */
export function random(host: WasiHost): HostInstance {
  return {
    "get-random-bytes": (length: bigint) => bytesOf(host, length),
    "get-random-u64": () => randomU64(host.machine),
  };
}

/** `wasi:random/insecure`: as good as the secure one. */
export function insecure(host: WasiHost): HostInstance {
  return {
    "get-insecure-random-bytes": (length: bigint) => bytesOf(host, length),
    "get-insecure-random-u64": () => randomU64(host.machine),
  };
}

/** `wasi:random/insecure-seed` */
export function insecureSeed({ machine }: WasiHost): HostInstance {
  return { "insecure-seed": seedOf(machine) };
}
