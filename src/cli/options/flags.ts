/** The options of `pollux`: one table for the scanner, cac, help texts, completions and the man page. */
import { codegen, debug, optimize, record } from "./engine.ts";
import { type Flag, type GroupName, oneOf } from "./flag.ts";
import type { Group } from "./group.ts";
import { serveOnlyFlags } from "./serve-flags.ts";
import { wasi } from "./wasi.ts";
import { wasm } from "./wasm.ts";

export const groups = { optimize, codegen, debug, wasm, wasi, record } as const satisfies Record<GroupName, Group>;

const groupFlags: readonly Flag[] = Object.values(groups).map(({ long, short, doc }) => ({
  long,
  short,
  value: "KEY[=VAL[,..]]",
  doc,
  repeats: true,
  group: long,
}));

export const traceFormats = ["text", "json", "chrome"];

function wrongTrace(value: string): string | undefined {
  const words = value.split(",");
  if (words.filter((word) => traceFormats.includes(word)).length > 1) return "expected one format";
  const odd = words.find((word) => !/^!?(?:wasi:)?[a-z0-9_-]+(?:\/[a-z0-9-]+)?$/.test(word));
  return odd === undefined ? undefined : `\`${odd}\` is no format (text, json, chrome), package or interface`;
}

/** What `run` and `serve` have. */
const sharedFlags: readonly Flag[] = [
  ...groupFlags,
  { long: "env", value: "NAME[=VAL]", doc: "Set an environment variable, or pass on the host's", repeats: true },
  { long: "allow-net", value: "RULE", doc: "Let the guest reach this, and only this", repeats: true },
  { long: "deny-net", value: "RULE", doc: "Keep the guest from reaching this, whatever else allows it", repeats: true },
  { long: "dir", value: "HOST_DIR[::GUEST_DIR]", doc: "Give the guest a directory", repeats: true, names: "directory" },
  { long: "config", value: "FILE", doc: "Read options from a TOML file", repeats: false, filled: true, names: "file" },
  {
    long: "profile",
    value: "STRATEGY",
    doc: "Profile the guest",
    repeats: false,
    wrong: (value) =>
      /^(?:perfmap|jitdump|vtune|pulley|guest(?:,.*)?)$/.test(value)
        ? undefined
        : `unknown profiling strategy: ${value}`,
    lacking: true,
  },
  { long: "target", value: "TARGET", doc: "Compile for another machine", repeats: false, lacking: true },
  {
    long: "allow-precompiled",
    doc: "Accepted, without effect: files compiled by wasmtime are refused",
    repeats: false,
  },
  {
    long: "net",
    value: "FAMILY",
    doc: "The sockets that the guest uses: posix (of libc) or evented (of the runtime)",
    repeats: false,
    ...oneOf("posix", "evented"),
  },
  {
    long: "wait",
    value: "STRATEGY",
    doc: "How the guest waits: blocking (its thread sleeps) or suspending (its stack is put aside)",
    repeats: false,
    ...oneOf("blocking", "suspending"),
  },
  {
    long: "stats",
    value: "FORMAT",
    alone: "text",
    doc: "Say on stderr at the end what the run's phases took; FORMAT is text or json",
    repeats: false,
    ...oneOf("text", "json"),
  },
  {
    long: "trace",
    value: "WORD[,..]",
    alone: "text",
    doc: "Write down each call that the guest makes; a WORD is text, json, chrome, or what to show: sockets, io/poll, !clocks",
    repeats: false,
    words: [...traceFormats, "cli", "clocks", "filesystem", "http", "io", "random", "sockets"],
    several: true,
    wrong: wrongTrace,
  },
  {
    long: "trace-file",
    value: "FILE",
    doc: "Where the trace goes, in place of stderr",
    repeats: false,
    filled: true,
    names: "file",
  },
  {
    long: "watch",
    value: "HOW",
    alone: "restart",
    doc: "Run the file again whenever it changes; HOW is restart or keep-listeners (listening sockets stay open in between)",
    repeats: false,
    ...oneOf("restart", "keep-listeners"),
  },
  {
    long: "verbose",
    short: "v",
    doc: "Say on stderr what Pollux does, as POLLUX_LOG=debug does (info: less, trace: more)",
    repeats: false,
  },
];

/** In the order of the help: what is most asked for comes first. */
export const runFlags: readonly Flag[] = [
  { long: "argv0", value: "ARGV0", doc: "The guest's argv[0] (default: the file's name)", repeats: false },
  {
    long: "invoke",
    value: "FUNCTION",
    doc: "Call this function: a core module's by name, a component's as name(arguments)",
    repeats: false,
  },
  { long: "listenfd", doc: "The same as -Slistenfd", repeats: false },
  {
    long: "preload",
    value: "NAME=MODULE_PATH",
    doc: "Let the core module import what this one exports, as NAME",
    repeats: true,
    names: "file",
    wrong: (value) => (value.includes("=") ? undefined : "must contain exactly one equals character ('=')"),
  },
  ...sharedFlags,
];

export const serveFlags: readonly Flag[] = [...serveOnlyFlags, ...sharedFlags];

export const inspectFlags: readonly Flag[] = [{ long: "json", doc: "Print one JSON object", repeats: true }];

export const typesFlags: readonly Flag[] = [
  {
    long: "name",
    value: "NAME",
    doc: "What the interface of the exports is called (default: as the file is)",
    repeats: false,
    wrong: (value) => (/^[A-Za-z_$][\w$]*$/.test(value) ? undefined : "expected a name that TypeScript may have"),
  },
  {
    long: "wait",
    value: "STRATEGY",
    doc: "How it will be instantiated: blocking or suspending, where all its functions return promises",
    repeats: false,
    ...oneOf("blocking", "suspending"),
  },
];

export const helpFlag: Flag = { long: "help", short: "h", doc: "Print help", repeats: true };
export const versionFlag: Flag = { long: "version", short: "V", doc: "Print the version", repeats: true };
