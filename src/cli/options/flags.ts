/** The options of `pollux`: one table for the scanner, the settings, help, completions and the man page. */

import type { Preopen } from "../../core/files/preopens.ts";
import { type NetRule, parseNetRule } from "../../core/policy/net-rule.ts";
import { type Flag, oneOf, type Setting } from "./flag.ts";
import { parseGroup } from "./groups/group.ts";
import { type GroupName, groups } from "./groups/groups.ts";
import { ValueError } from "./groups/value.ts";
import { devOnlyFlags } from "./project-flags.ts";
import { serveOnlyFlags } from "./serve-flags.ts";
import type { Settings } from "./settings.ts";

function groupFlag(name: GroupName, section: Setting["section"]): Setting {
  const { long, short, doc } = groups[name];
  return {
    long,
    short,
    value: "KEY[=VAL[,..]]",
    doc,
    repeats: true,
    group: long,
    section,
    apply: (into, value) => parseGroup(groups[name], value, into[name]),
  };
}

/** For an option without effect. */
function nothing(): void {}

const netFamilies = ["posix", "evented"] as const;
const waitStrategies = ["blocking", "suspending"] as const;
const statsFormats = ["text", "json", "live"] as const;
const backtraceDetails = ["full", "short", "none"] as const;
const watchModes = ["restart", "keep-listeners"] as const;
export const traceFormats = ["text", "json", "chrome"];

/** The rules of --allow-net and --deny-net, as lines of help. */
export const ruleGrammar: readonly string[] = [
  "A RULE is [USE:]HOST[:PORTS], such as 127.0.0.1:9999, listen:127.0.0.1:9999 or connect:*.example.com:443",
  "  USE\tconnect, listen, accept, udp or dns; without it, all of them",
  "  HOST\t*, an address (10.0.0.1, [::1]), a network (10.0.0.0/8, [fd00::/8]), a name (example.com), or *.NAME for all names below it",
  "  PORTS\t*, a port, or LOW-HIGH; without it, every port",
];

/** @throws ValueError */
function netRule(text: string): NetRule {
  try {
    return parseNetRule(text);
  } catch (error) {
    throw new ValueError(error instanceof Error ? error.message : String(error));
  }
}

const ruled = {
  value: "RULE",
  repeats: true,
  section: "network",
  starts: ["connect:", "listen:", "accept:", "udp:", "dns:", "127.0.0.1:", "[::1]:", "*"],
  example: ruleGrammar.join("\n"),
} as const;

/** @throws ValueError */
function traceWords(value: string): readonly string[] {
  const words = value.split(",");
  if (words.filter((word) => traceFormats.includes(word)).length > 1) throw new ValueError("expected one format");
  const odd = words.find((word) => !/^!?(?:wasi:)?[a-z0-9_-]+(?:\/[a-z0-9-]+)?$/.test(word));
  if (odd !== undefined) throw new ValueError(`\`${odd}\` is no format (text, json, chrome), package or interface`);
  return words;
}

/** @throws ValueError */
function port(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new ValueError("expected a port, 0 to 65535");
  return Number(text);
}

/** `HOST[::GUEST[:ro]]`. Without `::`, the guest knows it by the host's name. What a second `::` would part off is nobody's. */
function directory(text: string): Preopen {
  const [host = "", named] = text.split("::");
  if (named === undefined) return { host, guest: host };
  const readOnly = named.endsWith(READ_ONLY);
  return readOnly ? { host, guest: named.slice(0, -READ_ONLY.length), readOnly } : { host, guest: named };
}

const READ_ONLY = ":ro";

function variable(text: string): Settings["env"][number] {
  const at = text.indexOf("=");
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** @throws ValueError */
function preload(text: string): Settings["preloads"][number] {
  const at = text.indexOf("=");
  if (at < 0) throw new ValueError("must contain exactly one equals character ('=')");
  return { name: text.slice(0, at), path: text.slice(at + 1) };
}

/** The options that `run` and `serve` share, in the order of the help: the most used come first. */
const sharedFlags: readonly Setting[] = [
  groupFlag("wasi", "guest"),
  {
    long: "dir",
    value: "HOST_DIR[::GUEST_DIR[:ro]]",
    doc: "Give the guest a directory; with :ro, to read only",
    repeats: true,
    names: "directory",
    section: "guest",
    apply: ({ dirs }, value) => dirs.push(directory(value)),
  },
  {
    long: "env",
    value: "NAME[=VAL]",
    doc: "Set an environment variable, or pass on the host's",
    repeats: true,
    section: "guest",
    apply: ({ env }, value) => env.push(variable(value)),
  },
  {
    long: "allow-net",
    doc: "Let the guest reach this, and only this",
    ...ruled,
    apply: ({ allowNet }, value) => allowNet.push(netRule(value)),
  },
  {
    long: "deny-net",
    doc: "Keep the guest from reaching this, whatever else allows it",
    ...ruled,
    apply: ({ denyNet }, value) => denyNet.push(netRule(value)),
  },
  {
    long: "watch",
    value: "HOW",
    alone: "restart",
    doc: "Run the file again whenever it changes; HOW is restart or keep-listeners (listening sockets stay open in between)",
    repeats: false,
    words: watchModes,
    section: "development",
    apply(into, value) {
      into.watch = oneOf(watchModes, value);
    },
  },
  {
    long: "trace",
    value: "WORD[,..]",
    alone: "text",
    doc: "Write down each call that the guest makes; a WORD is text, json, chrome, or what to show: sockets, io/poll, !clocks",
    repeats: false,
    words: [...traceFormats, "cli", "clocks", "filesystem", "http", "io", "random", "sockets"],
    several: true,
    section: "development",
    apply(into, value) {
      into.trace = traceWords(value);
    },
  },
  {
    long: "trace-file",
    value: "FILE",
    doc: "Where the trace goes, in place of stderr",
    repeats: false,
    filled: true,
    names: "file",
    section: "development",
    apply(into, value) {
      into.traceFile = value;
    },
  },
  {
    long: "stats",
    value: "FORMAT",
    alone: "text",
    doc: "Say on stderr at the end what the run's phases took, and what the guest did; FORMAT is text, json or live (a line a second too)",
    repeats: false,
    words: statsFormats,
    section: "development",
    apply(into, value) {
      into.stats = oneOf(statsFormats, value);
    },
  },
  {
    long: "backtrace",
    value: "DETAIL",
    doc: "What to say of a trap's frames: full (with the source's lines, if the file has DWARF), short (without), none",
    repeats: false,
    words: backtraceDetails,
    section: "development",
    apply(into, value) {
      into.backtrace = oneOf(backtraceDetails, value);
    },
  },
  {
    long: "inspect",
    value: "PORT",
    alone: "9229",
    doc: "On Node: wait for a debugger on this port of 127.0.0.1 (0: any), and pause before the guest's first instruction",
    repeats: false,
    section: "development",
    apply(into, value) {
      into.inspect = port(value);
    },
  },
  {
    long: "verbose",
    short: "v",
    doc: "Say on stderr what Pollux does, as POLLUX_LOG=debug does (info: less, trace: more)",
    repeats: false,
    section: "development",
    apply(into) {
      into.verbose = true;
    },
  },
  groupFlag("wasm", "engine"),
  groupFlag("optimize", "engine"),
  groupFlag("codegen", "engine"),
  {
    long: "net",
    value: "FAMILY",
    doc: "The sockets that the guest uses: posix (of libc) or evented (of the runtime)",
    repeats: false,
    words: netFamilies,
    section: "engine",
    apply(into, value) {
      into.net = oneOf(netFamilies, value);
    },
  },
  {
    long: "wait",
    value: "STRATEGY",
    doc: "How the guest waits: blocking (its thread sleeps) or suspending (its stack is put aside)",
    repeats: false,
    words: waitStrategies,
    section: "engine",
    apply(into, value) {
      into.wait = oneOf(waitStrategies, value);
    },
  },
  {
    long: "config",
    value: "FILE",
    doc: "Read options from a TOML file",
    repeats: false,
    filled: true,
    names: "file",
    section: "engine",
    apply(into, value) {
      into.config = value;
    },
  },
  groupFlag("debug", "compatibility"),
  groupFlag("record", "compatibility"),
  {
    long: "profile",
    value: "STRATEGY",
    doc: "Profile the guest",
    repeats: false,
    lacking: true,
    section: "compatibility",
    apply(_, value) {
      if (!/^(?:perfmap|jitdump|vtune|pulley|guest(?:,.*)?)$/.test(value))
        throw new ValueError(`unknown profiling strategy: ${value}`);
    },
  },
  {
    long: "target",
    value: "TARGET",
    doc: "Compile for another machine",
    repeats: false,
    lacking: true,
    section: "compatibility",
    apply: nothing,
  },
  {
    long: "allow-precompiled",
    doc: "Accepted, without effect: files compiled by wasmtime are refused",
    repeats: false,
    section: "compatibility",
    apply: nothing,
  },
];

export const runFlags: readonly Setting[] = [
  ...sharedFlags,
  {
    long: "argv0",
    value: "ARGV0",
    doc: "The guest's argv[0] (default: the file's name)",
    repeats: false,
    section: "guest",
    apply(into, value) {
      into.argv0 = value;
    },
  },
  {
    long: "invoke",
    value: "FUNCTION",
    doc: "Call this function: a core module's by name, a component's as name(arguments)",
    repeats: false,
    section: "guest",
    apply(into, value) {
      into.invoke = value;
    },
  },
  {
    long: "listenfd",
    doc: "The same as -Slistenfd",
    repeats: false,
    section: "network",
    apply(into) {
      into.wasi.listenfd = true;
    },
  },
  {
    long: "preload",
    value: "NAME=MODULE_PATH",
    doc: "Let the core module import what this one exports, as NAME",
    repeats: true,
    names: "file",
    example: "lib=lib.wasm",
    section: "guest",
    apply: ({ preloads }, value) => preloads.push(preload(value)),
  },
];

export const serveFlags: readonly Setting[] = [...serveOnlyFlags, ...sharedFlags];

/** Those of `run` and `serve`: which of them it is, its component decides. It watches in any case. */
export const devFlags: readonly Flag[] = [
  ...devOnlyFlags,
  ...serveOnlyFlags.filter(({ long }) => long !== "listenfd"),
  ...runFlags.filter(({ long }) => long !== "watch"),
];

export const helpFlag: Flag = { long: "help", short: "h", doc: "Print help", repeats: true };
export const versionFlag: Flag = { long: "version", short: "V", doc: "Print the version", repeats: true };
