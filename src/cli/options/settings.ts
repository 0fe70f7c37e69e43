/** The settings that a command line of `run` or `serve` asks for. */

import type { Preopen } from "../../core/files/preopens.ts";
import type { NetRule } from "../../core/policy/net-rule.ts";
import type { IpSocketAddress } from "../../machine/address.ts";
import type { NetFamily } from "../../machine/machines.ts";
import { defaultLimits, GRACE_PERIOD, IDLE_INSTANCE_TIMEOUT } from "../../run/serve/defaults.ts";
import type { ListenAddress, ServerLimits } from "../../run/serve/options.ts";
import type { StatsFormat } from "../stats/stats.ts";
import type { GroupValues } from "./groups/groups.ts";

/** How a guest waits: its thread sleeps, or its stack is put aside. */
export type WaitStrategy = "blocking" | "suspending";

/** What is told of a trap's frames: with places in the source, without, nothing. */
export type BacktraceDetail = "full" | "short" | "none";

/** What --watch does with the sockets that a guest listens on. */
export type WatchMode = "restart" | "keep-listeners";

export interface Settings extends GroupValues {
  /** Whether they are those of `pollux serve`. */
  readonly serves: boolean;
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
  backtrace: BacktraceDetail | undefined;
  /** The port for a debugger; undefined: none is waited for. */
  inspect: number | undefined;
  verbose: boolean;
  /** Options outside the groups that Pollux does not have. */
  readonly lacking: string[];
  /** The settings of a server. */
  readonly serve: ServeValues;
}

/** Times are ns. */
export interface ServeValues {
  /** `--addr` in order; none: the default, unless there is `-Slistenfd`. */
  readonly addresses: ListenAddress[];
  shutdownAddress: IpSocketAddress | undefined;
  logPrefix: boolean;
  /** `--header` in order, as they were given. */
  readonly headers: string[];
  readonly limits: { -readonly [K in keyof ServerLimits]: ServerLimits[K] };
  /** Undefined: what the version of the component's handler has. */
  maxInstanceReuse: number | undefined;
  maxConcurrentReuse: number | undefined;
  idleInstanceTimeout: bigint;
  gracePeriod: bigint;
}

/** Those of a command line without options. */
export function noSettings(serves = false): Settings {
  return {
    optimize: {},
    codegen: {},
    debug: {},
    wasm: {},
    wasi: {},
    record: {},
    serves,
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
    backtrace: undefined,
    inspect: undefined,
    watch: undefined,
    verbose: false,
    lacking: [],
    serve: {
      addresses: [],
      shutdownAddress: undefined,
      logPrefix: true,
      headers: [],
      limits: { ...defaultLimits },
      maxInstanceReuse: undefined,
      maxConcurrentReuse: undefined,
      idleInstanceTimeout: IDLE_INSTANCE_TIMEOUT,
      gracePeriod: GRACE_PERIOD,
    },
  };
}
