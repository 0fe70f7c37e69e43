import type { HostInstance } from "../../../component/host.ts";
import { Trap } from "../../../core/wait/errors.ts";
import type { Machine } from "../../../machine/machine.ts";
import type { WasiHost } from "../../host.ts";

/** @throws Trap for more than `maxRandomSize` */
function randomBytes({ machine, maxRandomSize }: WasiHost, length: bigint): Uint8Array {
  if (length > maxRandomSize) throw new Trap(`requested len ${length} exceeds limit ${maxRandomSize}`);
  const bytes = new Uint8Array(Number(length));
  machine.fillRandom(bytes);
  return bytes;
}

function randomU64(machine: Machine): bigint {
  const words = new BigUint64Array(1);
  machine.fillRandom(new Uint8Array(words.buffer));
  return words[0]!;
}

/** `wasi:random/random` */
export function random(host: WasiHost): HostInstance {
  return {
    "get-random-bytes": (length: bigint) => randomBytes(host, length),
    "get-random-u64": () => randomU64(host.machine),
  };
}

/** `wasi:random/insecure`: as good as the secure one. */
export function insecure(host: WasiHost): HostInstance {
  return {
    "get-insecure-random-bytes": (length: bigint) => randomBytes(host, length),
    "get-insecure-random-u64": () => randomU64(host.machine),
  };
}

/** `wasi:random/insecure-seed`: the same for as long as the guest lives. */
export function insecureSeed({ machine }: WasiHost): HostInstance {
  let seed: readonly [bigint, bigint] | undefined;
  return {
    "insecure-seed": () => {
      seed ??= [randomU64(machine), randomU64(machine)];
      return seed;
    },
  };
}
