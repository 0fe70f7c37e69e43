import { fillRandom } from "./entropy.ts";
import type { Files } from "./files.ts";
import type { Machine } from "./machine.ts";
import type { Selector } from "./selector.ts";
import type { Net } from "./sockets.ts";
import type { ByteSink, ByteSource } from "./streams.ts";
import { languageClock } from "./wall-clock.ts";

/** A network that has nothing: what a backend lacks is a value, not a crash. */
export const unsupportedNet: Net = {
  createTcpSocket: () => "not-supported",
  createUdpSocket: () => "not-supported",
  adoptListener: () => "not-supported",
  lookup: () => "not-supported",
};

/** No directory can be opened. */
export const unsupportedFiles: Files = {
  openDirectory: () => ({
    errno: 0,
    message: "directories need the sockets of libc (net: posix)",
    code: "unsupported",
  }),
};

const unsupportedStream: ByteSource & ByteSink = {
  source: undefined,
  receive: () => "not-supported",
  send: () => "not-supported",
};

/** A selector without sources: it can only sleep. */
class Sleeper implements Selector {
  readonly sources = [];
  readonly events = new Uint8Array(0);
  readonly #never = new Int32Array(new SharedArrayBuffer(4));

  setInterest(): boolean {
    return false;
  }

  forget(): void {}

  look(): number {
    return 0;
  }

  select(timeout: number): number {
    if (timeout > 0) Atomics.wait(this.#never, 0, 0, Math.ceil(timeout / 1e6));
    return 0;
  }

  close(): void {}
}

/** A machine with a clock and random numbers, and nothing else: it answers not-supported to everything. */
export function createUnsupportedMachine(): Machine {
  return {
    buffer: new Uint8Array(65536),
    now: () => Math.floor(performance.now() * 1e6),
    wallClock: languageClock,
    selector: new Sleeper(),
    net: unsupportedNet,
    stdio: {
      stdin: unsupportedStream,
      stdout: unsupportedStream,
      stderr: unsupportedStream,
      isTerminal: () => false,
    },
    files: unsupportedFiles,
    fillRandom,
  };
}
