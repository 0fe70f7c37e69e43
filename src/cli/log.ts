/**
 * Pollux's own messages (-v), on stderr. Loaded only when asked for: consola reads the environment as it is imported, which
 * Deno allows with --allow-env alone.
 */
import { type ConsolaInstance, createConsola } from "consola/core";
import { writeErr } from "./output.ts";

export function createLog(): ConsolaInstance {
  const log = createConsola({ level: 4 });
  // The guest blocks the thread: what is written by events would come after it.
  log.setReporters([{ log: ({ type, args }) => writeErr(`pollux: ${type}: ${args.join(" ")}\n`) }]);
  return log;
}
