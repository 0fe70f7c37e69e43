import type { Poll } from "../../core/wait/poll.ts";
import type { ModuleCounts } from "../../wasm/limits/module-budget.ts";
import type { Awaited } from "../async/host-callers.ts";
import type { HostFunction, HostImports } from "../host.ts";
import type { Mistyped } from "./host-imports.ts";
import type { AdaptFunctions, Observe } from "./observe.ts";

export interface InstantiateOptions extends ModuleCounts {
  /**
   * Asked for what the imports lack, by the name of the imported instance as the component has it (empty for a function that
   * is imported by itself) and the WIT name. Undefined: it is missing, a LinkError.
   */
  fallback?(instanceName: string, name: string): HostFunction | undefined;
  /** Asked of functions that the host gives; without it only the kinds of imports are looked at. */
  readonly mistyped?: Mistyped | undefined;
  /** Told of each core instance once it is made. */
  instantiated?(exports: WebAssembly.Exports): void;
  /**
   * The most bytes that strings and lists may copy out of a guest in one call
   * (wasmtime's -Shostcall-fuel): 128 MiB unless given.
   */
  readonly hostcallFuel?: number;
  /**
   * The most handles on resources that the guest may hold at once, in all its instances (wasmtime's
   * -Smax-resources): 1,000,000 unless given.
   */
  readonly maxResources?: number;
  /**
   * The most handles of all sorts at once, those that a call lends among them (wasmtime's
   * -Smax-component-handles): 100,000 unless given.
   */
  readonly maxComponentHandles?: number;
  /**
   * Which of the host's functions and classes may return promises, where guests are suspended: those that are marked with
   * `mayWait` (host.ts), or all that are not marked with false. `marked` unless given.
   */
  readonly promises?: "marked" | "all";
  /** Whether it is suspended while it computes, too, where it may be: it is asked whenever `maySuspend`. */
  readonly pausable?: boolean;
  /** How its tasks wait when none can go on (component model async); without it, none may wait. */
  readonly poll?: Poll;
  /**
   * What a call of its exports waits for: its end ("call"), where it is a deadlock if no task can go on; or what may come of the
   * host's next calls, too ("event"). `call` unless given.
   */
  readonly awaited?: Awaited;
  /** Stands between the component and each function that it imports. */
  readonly observe?: Observe;
  /** Whether it may be ended while calls are under way (`ComponentInstance.end`). */
  readonly endable?: boolean;
  /** Imports beneath those of the host's program, which `adapt` is not for. */
  readonly own?: HostImports;
  readonly adapt?: AdaptFunctions;
}
