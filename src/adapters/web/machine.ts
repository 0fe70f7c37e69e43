import { fillRandom } from "../../machine/entropy.ts";
import type { SuspendingMachine } from "../../machine/machine.ts";
import type { ByteSource } from "../../machine/streams.ts";
import { unsupportedFiles, unsupportedNet } from "../../machine/unsupported.ts";
import { languageClock } from "../../machine/wall-clock.ts";
import { ConsoleSink } from "./console-sink.ts";
import { TimerSelector } from "./selector.ts";

const ended: ByteSource = { source: undefined, receive: () => 0 };

/**
 * Makes a machine from what every JavaScript runtime has, browsers' workers included: clocks, random numbers, the
 * console. It has neither sockets nor directories.
 *
 * @param keepsAlive whether a guest that waits only for its program keeps that alive
 */
export function createWebMachine(keepsAlive = true): SuspendingMachine {
  const stdout = new ConsoleSink((line) => console.log(line));
  const stderr = new ConsoleSink((line) => console.error(line));
  return {
    buffer: new Uint8Array(65536),
    now: () => Math.floor(performance.now() * 1e6),
    wallClock: languageClock,
    selector: new TimerSelector(() => {
      stdout.end();
      stderr.end();
    }, keepsAlive),
    net: unsupportedNet,
    stdio: { stdin: ended, stdout, stderr, isTerminal: () => false },
    files: unsupportedFiles,
    fillRandom,
  };
}
