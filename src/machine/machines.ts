import type { Machine, SuspendingMachine } from "./machine.ts";

/** Whose sockets a machine has: libc's (posix), or the runtime's own (evented). */
export type NetFamily = "posix" | "evented";

/**
 * What a guest needs of a machine besides a clock, stdio and a way to wait. The rest is not loaded, and answers not-supported.
 */
export interface Parts {
  /** It is the program's own and no guest's: it need not leave descriptors to Pollux. */
  readonly everyDescriptor?: true;
  /** The event loop has nothing to do but for its guests: a wait may hold it for a millisecond. */
  readonly unshared?: true;
  readonly net: boolean;
  readonly files: boolean;
}

export const allParts: Parts = { net: true, files: true };

/**
 * The machines that a runtime has, each made when it is asked for: one for each guest.
 *
 * All throw UnsupportedRuntime, whose message says what to use instead.
 */
export interface Machines {
  /**
   * posix, for a guest whose thread sleeps while it waits; it is compiled afterwards. `threads`: the run may start workers when it
   * is there.
   */
  blocking(threads: boolean, parts: Parts): Promise<Machine>;
  /** For guests that are suspended while they wait. */
  readonly suspending: {
    posix(parts: Parts): Promise<SuspendingMachine>;
    evented(): Promise<SuspendingMachine>;
  };
}
