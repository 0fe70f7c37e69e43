import type { Machine } from "../../adapters/contract.ts";
import type { HostInstance } from "../../component/host.ts";
import { Trap } from "../../core/errors.ts";
import type { WasiHost } from "../host.ts";

/** wasmtime's -S max-random-size, bytes. */
const MAX_RANDOM_SIZE = 64n * 1024n * 1024n;

function randomBytes(machine: Machine, length: bigint): Uint8Array {
  if (length > MAX_RANDOM_SIZE) throw new Trap(`requested len ${length} exceeds limit ${MAX_RANDOM_SIZE}`);
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
export function random({ machine }: WasiHost): HostInstance {
  return {
    "get-random-bytes": (length: bigint) => randomBytes(machine, length),
    "get-random-u64": () => randomU64(machine),
  };
}

/** `wasi:random/insecure`: as good as the secure one. */
export function insecure({ machine }: WasiHost): HostInstance {
  return {
    "get-insecure-random-bytes": (length: bigint) => randomBytes(machine, length),
    "get-insecure-random-u64": () => randomU64(machine),
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
