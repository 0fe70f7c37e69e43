import type { PendingSends } from "./pending-sends.ts";
import type { EventedRuntime } from "./runtime.ts";
import type { EventedSelector } from "./selector.ts";

/** The state that all parts of one evented machine share. */
export interface EventedContext {
  readonly runtime: EventedRuntime;
  readonly selector: EventedSelector;
  /** `Machine.buffer`. */
  readonly buffer: Uint8Array;
  /** Everything that is open: it would keep the program alive after its guest. */
  readonly sockets: Set<{ close(): void }>;
  readonly pendingSends: PendingSends;
}
