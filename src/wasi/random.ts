import type { Machine } from "../machine/machine.ts";

/** @param length bytes, already within what a call may ask for */
export function randomBytes(machine: Machine, length: bigint): Uint8Array {
  const bytes = new Uint8Array(Number(length));
  machine.fillRandom(bytes);
  return bytes;
}

export function randomU64(machine: Machine): bigint {
  const words = new BigUint64Array(1);
  machine.fillRandom(new Uint8Array(words.buffer));
  return words[0]!;
}

/** What an insecure seed is: the same for as long as the guest lives. */
export function seedOf(machine: Machine): () => readonly [bigint, bigint] {
  let seed: readonly [bigint, bigint] | undefined;
  return () => {
    seed ??= [randomU64(machine), randomU64(machine)];
    return seed;
  };
}
