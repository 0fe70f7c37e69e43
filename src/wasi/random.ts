import type { HostInstance } from "../component/host.ts";
import type { Machine } from "../machine/machine.ts";

/**
 * `wasi:random/*`, by their names without the version.
 *
 * @param lengthOf How many bytes a call gets that asks for so many
 * @param seed `insecure-seed`, the function, as the version has it
 */
export function randomInterfaces(
  machine: Machine,
  lengthOf: (asked: bigint) => bigint,
  seed: string,
): Readonly<Record<string, HostInstance>> {
  const bytes = (asked: bigint) => randomBytes(machine, lengthOf(asked));
  const u64 = () => randomU64(machine);
  return {
    "wasi:random/random": { "get-random-bytes": bytes, "get-random-u64": u64 },
    // As good as the secure one.
    "wasi:random/insecure": { "get-insecure-random-bytes": bytes, "get-insecure-random-u64": u64 },
    "wasi:random/insecure-seed": { [seed]: seedOf(machine) },
  };
}

function randomBytes(machine: Machine, length: bigint): Uint8Array {
  const bytes = new Uint8Array(Number(length));
  machine.fillRandom(bytes);
  return bytes;
}

function randomU64(machine: Machine): bigint {
  const words = new BigUint64Array(1);
  machine.fillRandom(new Uint8Array(words.buffer));
  return words[0]!;
}

/** The insecure seed is the same for as long as the guest lives. */
function seedOf(machine: Machine): () => readonly [bigint, bigint] {
  let seed: readonly [bigint, bigint] | undefined;
  return () => {
    seed ??= [randomU64(machine), randomU64(machine)];
    return seed;
  };
}
