/**
 * Pollux's own messages (-v, $POLLUX_LOG), on stderr. Loaded only when asked for: consola reads the environment as it is
 * imported, which Deno allows with --allow-env alone.
 */
import { type ConsolaInstance, createConsola } from "consola/core";
import { coloured } from "./colours.ts";
import type { Environment } from "./environment.ts";
import { writeErr } from "./output.ts";

/** consola's levels. -v is `debug`. */
const levels = { off: 0, info: 3, debug: 4, trace: 5 } as const;

export const logLevels = Object.keys(levels);

/** What $POLLUX_LOG and -v ask for, the more of the two. */
export function createLog(verbose: boolean, environment: Environment): ConsolaInstance {
  const word = environment("POLLUX_LOG") || "off";
  const asked = Object.hasOwn(levels, word) ? levels[word as keyof typeof levels] : undefined;
  const log = createConsola({ level: Math.max(asked ?? levels.info, verbose ? levels.debug : levels.off) });
  // The guest blocks the thread: what is written by events would come after it.
  // Further lines of a message are indented: they cannot pass for others'.
  const write = (type: string, args: readonly unknown[]) =>
    writeErr(`pollux: ${type}: ${args.join(" ").replaceAll("\n", "\n  ")}\n`, (plain) => coloured(plain, environment));
  log.setReporters([{ log: ({ type, args }) => write(type, args) }]);
  if (asked === undefined) log.warn(`POLLUX_LOG=${word}: expected ${logLevels.join(", ")}`);
  return log;
}
