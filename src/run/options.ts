import type { InstantiateOptions } from "../component/link/instantiate-options.ts";
import type { Observe } from "../component/link/observe.ts";
import type { Preopen } from "../core/files/preopens.ts";
import type { GuestNetwork } from "../core/policy/network.ts";
import type { SocketObserver } from "../core/policy/socket-observer.ts";
import type { Bytes } from "../core/streams/input-stream.ts";
import type { Machine } from "../machine/machine.ts";
import type { ByteSink } from "../machine/streams.ts";
import type { OnMissing } from "../wasi/host.ts";
import type { Preview1Imports } from "../wasi/p1/imports.ts";
import type { ModuleCounts } from "../wasm/limits/module-budget.ts";
import type { ModuleLimiter } from "../wasm/limits/module-limiter.ts";
import type { StandIns } from "./stand-ins.ts";

/** Options of every guest: its arguments, streams, files, network and limits. */
export interface GuestOptions {
  /** argv, including argv[0]. */
  readonly args: readonly string[];
  /** In the order the guest sees; names may repeat. */
  readonly env: readonly (readonly [string, string])[];
  /** The result of `wasi:cli/environment.initial-cwd`. */
  readonly cwd?: string;
  /**
   * The guest's streams. True: the process's own. False: none, so that stdin is at its end, and stdout and stderr
   * discard everything.
   */
  readonly stdin: boolean | Bytes;
  readonly stdout: boolean | ByteSink;
  readonly stderr: boolean | ByteSink;
  readonly network: GuestNetwork;
  /** Preopened directories, in the order that the guest gets them. */
  readonly preopens?: readonly Preopen[];
  /** Called when the guest looks for what it was not given, maybe again and again. */
  readonly onMissing?: OnMissing;
  readonly socketObserver?: SocketObserver | undefined;
  readonly limits?: GuestLimits;
  /** Limits the memories and tables of core modules; without it only the engine's limits hold. */
  readonly limiter?: ModuleLimiter | undefined;
  /** The values of `wasi:config` by key; undefined if the guest does not get that interface. */
  readonly config?: ReadonlyMap<string, string>;
  /**
   * The stand-ins for imports that are not provided: functions that trap, or that return zero. Without it such a guest
   * does not run.
   */
  readonly unknownImports?: StandIns;
  /** Observes the guest's calls of its imports. */
  readonly observe?: Observers;
  /** Called when a phase begins, also when it begins again after another. */
  readonly enter?: (phase: Phase) => void;
}

/** Observers of a run. Imports of components have types; those of core modules are observed as they are made. */
export interface Observers {
  readonly component: Observe;
  readonly module: (imports: Preview1Imports) => Preview1Imports;
  /**
   * Called with the machine before the guest uses it. Returns the one that the guest gets, possibly a wrapped one
   * (machine/wrap.ts).
   */
  readonly machine?: <M extends Machine>(machine: M) => M;
  /** Called once when all imports have been seen. */
  readonly linked?: () => void;
  /** Called for each request to a server, as it arrives. */
  readonly request?: (about: RequestAbout) => RequestObserver;
  /** Called for each connection to a server. */
  readonly connected?: () => void;
  /**
   * As `component`, for one instance of a server. `of` returns the request that a call is made for, by the call's first
   * argument, if that is known.
   */
  readonly served?: (of: (first: unknown) => RequestObserver | undefined) => Observe;
}

export interface RequestAbout {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
}

/** How a request ended. `left`: its client is gone, or did not get all of its response. */
export type RequestEnd = "complete" | "left";

/** Observes one request. */
export interface RequestObserver {
  /** Called when an instance gets the request. @param first whether it is the instance's first */
  begins(instance: number, first: boolean): void;
  /** @param status of its response; undefined if there was none */
  ends(status: number | undefined, how: RequestEnd): void;
}

/**
 * The phases of a run: reading the binary; linking, and the start functions of core modules; compiling, which linking
 * causes; running.
 */
export type Phase = "parse" | "link" | "compile" | "run";

/** The limits of a guest; the defaults are wasmtime's. */
export interface GuestLimits
  extends ModuleCounts,
    Pick<InstantiateOptions, "hostcallFuel" | "maxResources" | "maxComponentHandles"> {
  /** The most bytes that one call for random bytes may return; default 64 MiB. */
  readonly maxRandomSize?: bigint;
}
