import { fillRandom } from "./entropy.ts";
import type { Files } from "./files.ts";
import type { Machine } from "./machine.ts";
import type { Selector } from "./selector.ts";
import type { Net } from "./sockets.ts";
import type { ByteSink, ByteSource } from "./streams.ts";
import { languageClock } from "./wall-clock.ts";

/** A network without sockets: every call returns not-supported. */
export const unsupportedNet: Net = {
  createTcpSocket: () => "not-supported",
  createUdpSocket: () => "not-supported",
  adoptListener: () => "not-supported",
  lookup: () => "not-supported",
};

/** Files without directories: none can be opened. */
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

/** Makes a machine with a clock and random numbers only: all other calls return not-supported. */
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
