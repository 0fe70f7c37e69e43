import type { Poll } from "../../core/wait/poll.ts";
import type { ModuleCounts } from "../../wasm/limits/module-budget.ts";
import type { WaitGoal } from "../async/host-callers.ts";
import type { HostFunction, HostImports } from "../host.ts";
import type { Mistyped } from "./host-imports.ts";
import type { AdaptFunctions, Observe } from "./observe.ts";

export interface InstantiateOptions extends ModuleCounts {
  /**
   * Returns a function for an import that is missing; undefined makes it a LinkError.
   *
   * @param instanceName The imported instance as the component names it; empty for a function that is imported by itself
   * @param name The WIT name
   */
  fallback?(instanceName: string, name: string): HostFunction | undefined;
  /** Checks the types of the host's functions. Without it only the kinds of imports are checked. */
  readonly mistyped?: Mistyped | undefined;
  /** Called with the exports of each core instance once it is made. */
  instantiated?(exports: WebAssembly.Exports): void;
  /**
   * The most bytes that strings and lists may copy out of a guest in one call (wasmtime's -Shostcall-fuel): 128 MiB unless given.
   */
  readonly hostcallFuel?: number;
  /**
   * The most handles on resources that the guest may hold at once, in all its instances (wasmtime's -Smax-resources): 1,000,000
   * unless given.
   */
  readonly maxResources?: number;
  /**
   * The most handles of all kinds at once, including those that a call lends (wasmtime's -Smax-component-handles): 100,000 unless
   * given.
   */
  readonly maxComponentHandles?: number;
  /**
   * The host's functions and classes that may return promises, where guests are suspended: those marked with `mayWait` (host.ts),
   * or all that are not marked with false. `marked` unless given.
   */
  readonly promises?: "marked" | "all";
  /** Whether it may also be suspended while it computes, where `maySuspend` says so. */
  readonly interruptible?: boolean;
  /** Waits for its tasks when none can run (component model async). Without it, none may wait. */
  readonly poll?: Poll;
  /**
   * The aim of a call of its exports: its end ("call"), with a deadlock error if no task can run; or anything that later calls of
   * the host may cause, too ("event"). `call` unless given.
   */
  readonly waitGoal?: WaitGoal;
  /** Wraps each function that the component imports. */
  readonly observe?: Observe;
  /** Whether it may be ended while calls are under way (`ComponentInstance.end`). */
  readonly endable?: boolean;
  /** Imports behind those of the host's program, to which `adapt` is not applied. */
  readonly own?: HostImports;
  readonly adapt?: AdaptFunctions;
  /**
   * Whether classes may be as jco takes them: one may lack methods, which are then looked up in the object when they are called; and an
   * interface that the program gives may lack the class of a resource, of which it then makes no object. Default: what is missing is
   * a LinkError.
   */
  readonly jcoClasses?: boolean;
}
