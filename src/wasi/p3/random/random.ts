import type { HostInstance } from "../../../component/host.ts";
import type { WasiHost } from "../../host.ts";
import { randomBytes, randomU64, seedOf } from "../../random.ts";

/** At most `maxRandomSize` of them: in 0.3 a call may answer fewer than it was asked for. */
function bytesUpTo({ machine, maxRandomSize }: WasiHost, most: bigint): Uint8Array {
  return randomBytes(machine, most < maxRandomSize ? most : maxRandomSize);
}

/** `wasi:random/random` */
export function random(host: WasiHost): HostInstance {
  return {
    "get-random-bytes": (most: bigint) => bytesUpTo(host, most),
    "get-random-u64": () => randomU64(host.machine),
  };
}

/** `wasi:random/insecure`: as good as the secure one. */
export function insecure(host: WasiHost): HostInstance {
  return {
    "get-insecure-random-bytes": (most: bigint) => bytesUpTo(host, most),
    "get-insecure-random-u64": () => randomU64(host.machine),
  };
}

/** `wasi:random/insecure-seed` */
export function insecureSeed({ machine }: WasiHost): HostInstance {
  return { "get-insecure-seed": seedOf(machine) };
}
