import type { Machine } from "../machine/machine.ts";
import type { WasiHost } from "./host.ts";
import type { Interfaces } from "./interfaces.ts";

/**
 * The interfaces of `wasi:random` by name, without the version. Lengths are bytes.
 *
 * @param lengthOf returns how many bytes a call returns that asks for so many; throws if that is too many
 * @param seed the version's name of the function `insecure-seed`
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
    // The host's secure generator serves here too.
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

/** Returns the insecure seed, which is the same for the guest's whole life. */
function seedOf(host: WasiHost): readonly [bigint, bigint] {
  host.insecureSeed ??= [randomU64(host.machine), randomU64(host.machine)];
  return host.insecureSeed;
}
