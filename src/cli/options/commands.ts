/** The words that are commands when they come first on the command line. */
import type { Flag } from "./flag.ts";
import { helpFlag, inspectFlags, runFlags, serveFlags, typesFlags } from "./flags.ts";

export interface Command {
  readonly doc: string;
  readonly flags: readonly Flag[];
  /** What its first word that is no option may be; absent: a file. */
  readonly words?: readonly string[];
}

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** The actions of `pollux cache`, which without one only looks. */
export const cacheActions = ["clean"] as const;

/** What Pollux does. */
export const commands = {
  run: {
    doc: "Run a component: the command that is meant when none is named",
    flags: [...runFlags, helpFlag],
  },
  serve: {
    doc: "Serve HTTP by a component that handles requests",
    flags: [...serveFlags, helpFlag],
  },
  inspect: { doc: "Show what a component imports, exports and needs", flags: [...inspectFlags, helpFlag] },
  types: {
    doc: "Print the TypeScript types of a component, for programs that instantiate it",
    flags: [...typesFlags, helpFlag],
  },
  completion: { doc: "Print completions for a shell: bash, zsh or fish", flags: [helpFlag], words: shells },
  cache: {
    doc: "Show where components that were read are kept, and how much of them; clean removes them",
    flags: [helpFlag],
    words: cacheActions,
  },
  help: {
    doc: "Print help, of a command when one is named",
    flags: [],
    words: ["run", "serve", "inspect", "types", "completion", "cache", "help"],
  },
} as const satisfies Readonly<Record<string, Command>>;

/** What wasmtime does besides, which Pollux refuses by name: as files they would only be not found. */
const wasmtimeOnly = ["config", "compile", "explore", "settings", "wast", "objdump", "hot-blocks", "wizer"] as const;

/** The word that comes first on the command line of a process that Pollux starts itself (watch-standby.ts). */
export const SUPERVISED = "--supervised=";

export const commandNames: ReadonlySet<string> = new Set([...Object.keys(commands), ...wasmtimeOnly]);
