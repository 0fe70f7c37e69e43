/** The words that are commands when they come first on the command line. */

/** What Pollux does. */
export const commands = {
  run: "Run a component: the command that is meant when none is named",
  inspect: "Show what a component imports, exports and needs",
  completion: "Print completions for a shell: bash, zsh or fish",
  help: "Print help, of a command when one is named",
} as const;

/** What wasmtime does besides, which Pollux refuses by name: as files they would only be not found. */
const wasmtimeOnly = [
  "serve",
  "config",
  "compile",
  "explore",
  "settings",
  "wast",
  "objdump",
  "hot-blocks",
  "wizer",
] as const;

/** The word that comes first on the command line of a process that Pollux starts itself (watch-standby.ts). */
export const SUPERVISED = "--supervised=";

export const commandNames: ReadonlySet<string> = new Set([...Object.keys(commands), ...wasmtimeOnly]);
