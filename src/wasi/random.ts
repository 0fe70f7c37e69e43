import type { Machine } from "../machine/machine.ts";
import type { WasiHost } from "./host.ts";
import type { Interfaces } from "./interfaces.ts";

/**
 * `wasi:random/*`, by their names without the version.
 *
 * @param lengthOf How many bytes a call gets that asks for so many
 * @param seed `insecure-seed`, the function, as the version has it
 */
export function randomInterfaces(
  lengthOf: (host: WasiHost, asked: bigint) => bigint,
  seed: string,
): Interfaces<WasiHost> {
  const bytes = (host: WasiHost) => (asked: bigint) => randomBytes(host.machine, lengthOf(host, asked));
  const u64 =
    ({ machine }: WasiHost) =>
    () =>
      randomU64(machine);
  return {
    "wasi:random/random": (host) => ({ "get-random-bytes": bytes(host), "get-random-u64": u64(host) }),
    // As good as the secure one.
    "wasi:random/insecure": (host) => ({
      "get-insecure-random-bytes": bytes(host),
      "get-insecure-random-u64": u64(host),
    }),
    "wasi:random/insecure-seed": (host) => ({ [seed]: () => seedOf(host) }),
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
function seedOf(host: WasiHost): readonly [bigint, bigint] {
  host.insecureSeed ??= [randomU64(host.machine), randomU64(host.machine)];
  return host.insecureSeed;
}
