/** From the options as given to what a run needs. */

import type { Preopen } from "../../core/files/preopens.ts";
import { type NetRule, parseNetRule } from "../../core/policy/net-rule.ts";
import type { GuestNetwork } from "../../core/policy/network.ts";
import type { NetFamily } from "../../machine/machines.ts";
import type { GuestOptions } from "../../run/options.ts";
import type { ModuleLimits } from "../../wasm/limits/limit-module.ts";
import type { InstructionProposal } from "../../wasm/proposals.ts";
import type { StatsFormat } from "../stats/stats.ts";
import { type Flag, type GroupName, spell } from "./flag.ts";
import { groups } from "./flags.ts";
import { groupHelp, missingKey, NOT_YET, parseGroup, type Values } from "./group.ts";
import type { GivenOption } from "./scan.ts";
import { invalidValue } from "./usage.ts";

/** A request that Pollux understands and does not meet. Exit status 1. */
export class UnsupportedOption extends Error {
  override readonly name = "UnsupportedOption";

  constructor(what: string, why = NOT_YET) {
    super(`${what} ${why}`);
  }
}

/** The user asked for a text, which goes to stdout instead of a run. */
export interface HelpText {
  readonly help: string;
}

/** How a guest waits: its thread sleeps, or its stack is put aside. */
export type WaitStrategy = "blocking" | "suspending";

/** What --watch does with the sockets that a guest listens on. */
export type WatchMode = "restart" | "keep-listeners";

export type GroupValues = { [G in GroupName]: Values<(typeof groups)[G]["keys"]> };

export interface Settings extends GroupValues {
  /** `--env` in order; undefined: the host's value, if it has one. */
  readonly env: (readonly [string, string | undefined])[];
  /** `--dir` in order. */
  readonly dirs: Preopen[];
  /** `--preload` in order. */
  readonly preloads: { readonly name: string; readonly path: string }[];
  /** `--allow-net` and `--deny-net`, in order. */
  readonly allowNet: NetRule[];
  readonly denyNet: NetRule[];
  argv0: string | undefined;
  invoke: string | undefined;
  /** A file of options, which those of the command line go before. */
  config: string | undefined;
  net: NetFamily | undefined;
  wait: WaitStrategy | undefined;
  stats: StatsFormat | undefined;
  /** --trace's words; undefined: no trace. */
  trace: readonly string[] | undefined;
  traceFile: string | undefined;
  watch: WatchMode | undefined;
  verbose: boolean;
  /** Options outside the groups that Pollux does not have. */
  readonly lacking: string[];
}

/** @throws UsageError */
export function settings(options: readonly GivenOption[]): Settings | HelpText {
  const out: Settings = {
    optimize: {},
    codegen: {},
    debug: {},
    wasm: {},
    wasi: {},
    record: {},
    env: [],
    dirs: [],
    preloads: [],
    allowNet: [],
    denyNet: [],
    argv0: undefined,
    invoke: undefined,
    config: undefined,
    net: undefined,
    wait: undefined,
    stats: undefined,
    trace: undefined,
    traceFile: undefined,
    watch: undefined,
    verbose: false,
    lacking: [],
  };
  for (const { flag, value = "" } of options) {
    if (flag.group) {
      const group = groups[flag.group];
      if (value === "help" || value === "help-long") return { help: groupHelp(group) };
      parseGroup(group, value, out[flag.group]);
    } else if (flag.long === "env") {
      out.env.push(variable(value));
    } else if (flag.long === "dir") {
      out.dirs.push(directory(value));
    } else if (flag.long === "preload") {
      out.preloads.push(preload(value));
    } else if (flag.long === "allow-net") {
      out.allowNet.push(netRule(flag, value));
    } else if (flag.long === "deny-net") {
      out.denyNet.push(netRule(flag, value));
    } else if (flag.long === "argv0") {
      out.argv0 = value;
    } else if (flag.long === "invoke") {
      out.invoke = value;
    } else if (flag.long === "config") {
      out.config = value;
    } else if (flag.long === "listenfd") {
      out.wasi.listenfd = true;
    } else if (flag.long === "net") {
      out.net = value === "evented" ? "evented" : "posix";
    } else if (flag.long === "wait") {
      out.wait = value === "suspending" ? "suspending" : "blocking";
    } else if (flag.long === "stats") {
      out.stats = value === "json" ? "json" : "text";
    } else if (flag.long === "trace") {
      out.trace = value.split(",");
    } else if (flag.long === "trace-file") {
      out.traceFile = value;
    } else if (flag.long === "watch") {
      out.watch = value === "keep-listeners" ? "keep-listeners" : "restart";
    } else if (flag.long === "verbose") {
      out.verbose = true;
    }
    checkValue(flag, value);
    if (flag.lacking) out.lacking.push(`--${flag.long}`);
  }
  return out;
}

/** @throws UsageError */
export function checkValue(flag: Flag, value: string): void {
  const wrong = flag.wrong?.(value);
  if (wrong !== undefined) throw invalidValue(value, spell(flag), wrong);
}

/** `HOST::GUEST`; what a second `::` would part off is nobody's. Without one, the guest knows it by the host's name. */
function directory(text: string): Preopen {
  const [host = "", guest = host] = text.split("::");
  return { host, guest };
}

function preload(text: string): Settings["preloads"][number] {
  const at = text.indexOf("=");
  return { name: text.slice(0, at), path: text.slice(at + 1) };
}

function variable(text: string): readonly [string, string | undefined] {
  const at = text.indexOf("=");
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** @throws UsageError */
function netRule(flag: Flag, text: string): NetRule {
  try {
    return parseNetRule(text);
  } catch (error) {
    throw invalidValue(text, spell(flag), error instanceof Error ? error.message : String(error));
  }
}

/** @throws UnsupportedOption for the first thing asked for that Pollux does not have. */
export function refuseLacking(given: Settings): void {
  for (const group of Object.values(groups)) {
    const missing = missingKey(group, given[group.long]);
    if (missing !== undefined) throw new UnsupportedOption(`-${group.short} ${missing.name}`, missing.refusal);
  }
  const [option] = given.lacking;
  if (option !== undefined) throw new UnsupportedOption(option);
}

/**
 * @param rest The file as it was named, and the guest's arguments.
 * @param hostEnv The host's environment, in its order.
 * @param told Of what of the network the guest is kept from.
 */
export function guestOptions(
  given: Settings,
  rest: readonly string[],
  hostEnv: HostEnvironment,
  told: Pick<GuestNetwork, "onRefusal" | "onDenied">,
): GuestOptions {
  const { wasi, wasm, allowNet: allow, denyNet: deny } = given;
  const [file = "", ...args] = rest;
  return {
    args: [given.argv0 ?? baseName(file), ...args],
    env: environment(given, hostEnv),
    ...(wasi.config === true ? { config: new Map(wasi["config-var"]) } : {}),
    ...unknownImports(wasm),
    ...(given.dirs.length === 0 ? {} : { preopens: given.dirs }),
    ...(wasi.cwd === undefined ? {} : { cwd: wasi.cwd }),
    limits: {
      ...limit("maxResources", wasi["max-resources"]),
      ...limit("maxComponentHandles", wasi["max-component-handles"]),
      ...limit("hostcallFuel", wasi["hostcall-fuel"]),
      ...limit("maxInstances", wasm["max-instances"]),
      ...limit("maxTables", wasm["max-tables"]),
      ...limit("maxMemories", wasm["max-memories"]),
      ...(wasi["max-random-size"] === undefined ? {} : { maxRandomSize: wasi["max-random-size"] }),
    },
    stdin: wasi["inherit-stdin"] ?? true,
    stdout: wasi["inherit-stdout"] ?? true,
    stderr: wasi["inherit-stderr"] ?? true,
    network: {
      inheritNetwork: wasi["inherit-network"] ?? false,
      tcp: wasi.tcp,
      udp: wasi.udp,
      allowIpNameLookup: wasi["allow-ip-name-lookup"] ?? false,
      networkErrorCode: wasi["network-error-code"] ?? false,
      ...(allow.length + deny.length === 0 ? {} : { rules: { allow, deny } }),
      ...told,
    },
  };
}

function unknownImports(wasm: Settings["wasm"]): Pick<GuestOptions, "unknownImports"> {
  if (wasm["unknown-imports-trap"] === true) return { unknownImports: "trap" };
  return wasm["unknown-imports-default"] === true ? { unknownImports: "zero" } : {};
}

/** Whether the guest has WASI at all. */
export function hasWasi({ wasi }: Settings): boolean {
  return wasi.cli ?? wasi.common ?? true;
}

/** Whether WASI 0.3 is a part of it, and a component is run by its `run` of that if it exports one. */
export function hasP3({ wasi }: Settings): boolean {
  return wasi.p3 !== false;
}

/** Of core modules; empty: they have none. */
export function moduleLimits({ wasm }: Settings): ModuleLimits {
  return {
    ...limit("memorySize", wasm["max-memory-size"]),
    ...limit("tableElements", wasm["max-table-elements"]),
    ...(wasm["trap-on-grow-failure"] === true ? { trapOnGrowFailure: true } : {}),
  };
}

/** Proposals that core modules must not use. */
export function turnedOff({ wasm }: Settings): readonly InstructionProposal[] {
  return (["relaxed-simd", "tail-call", "wide-arithmetic"] as const).filter((name) => wasm[name] === false);
}

/** Whether some core modules are refused for the proposals that they use. */
export function refusesProposals(given: Settings): boolean {
  return turnedOff(given).length > 0 || given.wasm["relaxed-simd-deterministic"] === true;
}

/** A limit that was given. */
function limit<K extends string>(name: K, most: bigint | undefined): { readonly [N in K]?: number } {
  return most === undefined ? {} : ({ [name]: Number(most) } as { [N in K]: number });
}

export interface HostEnvironment {
  all(): [string, string][];
  get(name: string): string | undefined;
}

/** The host's first, then `--env` in order; a name given twice stands twice. */
function environment({ wasi, env }: Settings, host: HostEnvironment): [string, string][] {
  const out: [string, string][] = wasi["inherit-env"] ? host.all() : [];
  for (const [name, value = host.get(name)] of env) {
    if (value !== undefined) out.push([name, value]);
  }
  return out;
}

/** The last component of a path: Rust's `Path::file_name`, or the path itself where it has none. */
function baseName(path: string): string {
  return path.split("/").findLast((part) => part !== "" && part !== ".") ?? path;
}
