import type { InstantiateOptions } from "../component/link/instantiate-options.ts";
import type { Observe } from "../component/link/observe.ts";
import type { Preopen } from "../core/files/preopens.ts";
import type { GuestNetwork } from "../core/policy/network.ts";
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
  /** argv, with argv[0]. */
  readonly args: readonly string[];
  /** In the guest's order; names may repeat. */
  readonly env: readonly (readonly [string, string])[];
  /** The result of `wasi:cli/environment.initial-cwd`. */
  readonly cwd?: string;
  /** The guest's streams. True: the process's own; false: none (stdin has ended, the others take everything). */
  readonly stdin: boolean | Bytes;
  readonly stdout: boolean | ByteSink;
  readonly stderr: boolean | ByteSink;
  readonly network: GuestNetwork;
  /** Directories that the guest is given, in its order. */
  readonly preopens?: readonly Preopen[];
  /** Called when the guest looks for what it was not given, maybe again and again. */
  readonly onMissing?: OnMissing;
  readonly limits?: GuestLimits;
  /** Limits core modules' memories and tables; without it they have what the engine gives. */
  readonly limiter?: ModuleLimiter | undefined;
  /** The guest's `wasi:config`, by name; undefined: there is no such interface. */
  readonly config?: ReadonlyMap<string, string>;
  /**
   * What imports are that nobody provides: functions that end the guest, or that answer
   * zero; without it, the run does not start.
   */
  readonly unknownImports?: StandIns;
  /** Stands between the guest and what it imports. */
  readonly observe?: Observers;
  /** Told of each phase as it begins, again after another. */
  readonly enter?: (phase: Phase) => void;
}

/** Observers of a run: of components, whose imports have types; and of core modules, whose imports are taken as they are made. */
export interface Observers {
  readonly component: Observe;
  readonly module: (imports: Preview1Imports) => Preview1Imports;
  /** Given the machine before the guest uses it. Returns the one that the guest gets: it may be a wrapped one (machine/wrap.ts). */
  readonly machine?: <M extends Machine>(machine: M) => M;
  /** Told once when all imports were seen. */
  readonly linked?: () => void;
  /** Told of each request to a server, as it comes. */
  readonly request?: (about: RequestAbout) => RequestObserver;
  /** Told of each connection to it. */
  readonly connected?: () => void;
  /**
   * As `component`, of one instance that serves; `of` tells for which request a call is made, by its first argument, where that
   * is known.
   */
  readonly served?: (of: (first: unknown) => RequestObserver | undefined) => Observe;
}

export interface RequestAbout {
  readonly method: string;
  /** With its query. */
  readonly path: string;
}

/** `left`: its client is gone, or has not got all of its response. */
export type RequestEnd = "complete" | "left";

/** Told of one request. */
export interface RequestObserver {
  /** The instance of that number answers it. @param first No other before it */
  begins(instance: number, first: boolean): void;
  /** @param status Of its response; undefined: it had none */
  ends(status: number | undefined, how: RequestEnd): void;
}

/** The phases of a run: reading the binary; linking, and core modules' start functions; compiling, which linking asks for. */
export type Phase = "parse" | "link" | "compile" | "run";

/** The limits of a guest; wasmtime's defaults unless given. */
export interface GuestLimits
  extends ModuleCounts,
    Pick<InstantiateOptions, "hostcallFuel" | "maxResources" | "maxComponentHandles"> {
  /** The most random bytes that one call may ask for: 64 MiB unless given. */
  readonly maxRandomSize?: bigint;
}
