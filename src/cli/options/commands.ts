/**
 * The words that are commands when they come first on the command line. A row is all that the scanner, help, the man page and
 * the completions know of one; what it does stands in cli/program.ts.
 */

import { inspectFlags, typesFlags } from "./component-flags.ts";
import type { Flag } from "./flag.ts";
import { devFlags, helpFlag, ruleGrammar, runFlags, serveFlags } from "./flags.ts";
import { newFlags, selfTestFlags } from "./project-flags.ts";

export interface Command {
  readonly doc: string;
  /** Its operands, as usage shows them; "" for none. */
  readonly operands: string;
  /** How many operands there may be, each followed by options again; undefined: what follows the first is not Pollux's. */
  readonly most?: number;
  readonly flags: readonly Flag[];
  /** The words that its first operand may be. Absent: it is a file. */
  readonly words?: readonly string[];
  readonly examples?: readonly Example[];
  /** The end of its help, to be laid out (output/layout.ts). */
  readonly notes?: readonly string[];
}

/** A command line, and what it is for. */
export type Example = readonly [line: string, doc: string];

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** The actions of `pollux cache`, which without one only looks. */
export const cacheActions = ["clean"] as const;

/** What Pollux does. */
export const commands = {
  run: {
    doc: "Run a component or core module: the command that is meant when none is named",
    operands: "<WASM>...",
    flags: [...runFlags, helpFlag],
    examples: [
      ["pollux app.wasm one two", "with two arguments"],
      ["pollux -Sinherit-network app.wasm", "with the host's network"],
      ["pollux --allow-net listen:127.0.0.1:9999 app.wasm", "to listen there, and no more"],
      ["pollux --dir data::/data:ro app.wasm", "with a folder, to read only"],
      ["pollux --watch -Sinherit-network app.wasm", "again whenever the file changes"],
      ["pollux --invoke 'add(1, 2)' app.wasm", "one function of it"],
    ],
    notes: ruleGrammar,
  },
  serve: {
    doc: "Serve HTTP by a component that handles requests",
    operands: "<WASM>",
    most: 1,
    flags: [...serveFlags, helpFlag],
    examples: [
      ["pollux serve app.wasm", "on port 8080 of every address"],
      ["pollux serve --addr 127.0.0.1:3000 app.wasm", "on port 3000, for this machine alone"],
      ["pollux serve --watch app.wasm", "anew whenever the file changes"],
    ],
    notes: ruleGrammar,
  },
  new: {
    doc: "Make a project that builds and runs",
    operands: "<NAME>",
    most: 1,
    flags: [...newFlags, helpFlag],
    examples: [
      ["pollux new --lang rust hello", "a TCP echo server in Rust, in the folder hello"],
      ["pollux new hello", "the languages that there are"],
    ],
  },
  dev: {
    doc: "Build the project in this folder and run it, and again whenever a file of it changes",
    operands: "[WASM [ARGUMENTS]...]",
    flags: [...devFlags, helpFlag],
    examples: [
      ["pollux dev", "as pollux.toml says, or by what lies in the folder"],
      ["pollux dev -Sinherit-network", "with an option of run"],
      ["pollux dev --build 'make app.wasm' app.wasm one", "by another build, with an argument"],
    ],
  },
  inspect: {
    doc: "Show what a component imports, exports and needs",
    operands: "<WASM>",
    most: 1,
    flags: [...inspectFlags, helpFlag],
    examples: [
      ["pollux inspect app.wasm", "for people"],
      ["pollux inspect --json app.wasm", "for programs"],
    ],
  },
  completion: {
    doc: "Print completions for a shell: bash, zsh or fish",
    operands: "<SHELL>",
    most: 1,
    flags: [helpFlag],
    words: shells,
    examples: [
      ["source <(pollux completion bash)", "in ~/.bashrc"],
      ["pollux completion fish | source", "in config.fish"],
    ],
  },
  types: {
    doc: "Print the TypeScript types of a component, for programs that instantiate it",
    operands: "<WASM>",
    most: 1,
    flags: [...typesFlags, helpFlag],
    examples: [["pollux types app.wasm > app.d.ts", "for instantiate<App>()"]],
  },
  cache: {
    doc: "Show where components that were read are kept, and how much of them; clean removes them",
    operands: "[clean]",
    most: 1,
    flags: [helpFlag],
    words: cacheActions,
  },
  "self-test": { doc: "Say what works on this machine", operands: "", most: 0, flags: [...selfTestFlags, helpFlag] },
  help: {
    doc: "Print help, of a command when one is named",
    operands: "[COMMAND]",
    most: 1,
    flags: [helpFlag],
    words: ["run", "serve", "new", "dev", "inspect", "types", "completion", "cache", "self-test", "help"],
  },
} as const satisfies Readonly<Record<string, Command>>;

export type CommandName = keyof typeof commands;

export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}

/** What wasmtime does besides, which Pollux refuses by name: as files they would only be not found. */
const wasmtimeOnly = ["config", "compile", "explore", "settings", "wast", "objdump", "hot-blocks", "wizer"] as const;

/** The word that comes first on the command line of a process that Pollux starts itself (watch-standby.ts). */
export const SUPERVISED = "--supervised=";

export const commandNames: ReadonlySet<string> = new Set([...Object.keys(commands), ...wasmtimeOnly]);
