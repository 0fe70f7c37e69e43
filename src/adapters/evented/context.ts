import type { PendingSends } from "./pending-sends.ts";
import type { EventedRuntime } from "./runtime.ts";
import type { EventedSelector } from "./selector.ts";

/** What every part of one evented machine shares. */
export interface EventedContext {
  readonly runtime: EventedRuntime;
  readonly selector: EventedSelector;
  /** `Machine.buffer`. */
  readonly buffer: Uint8Array;
  /** What is open: it would keep the program alive beyond its guest. */
  readonly sockets: Set<{ close(): void }>;
  readonly pendingSends: PendingSends;
}
