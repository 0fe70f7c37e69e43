import type { Machine, SuspendingMachine } from "./contract.ts";

/** Where sockets come from: libc, or the runtime's own. */
export type NetFamily = "posix" | "evented";

/**
 * The machines that a runtime has, each made when it is asked for: one for each guest.
 *
 * All throw UnsupportedRuntime, whose message says what to use instead.
 */
export interface Machines {
  /**
   * posix, for a guest whose thread sleeps while it waits. `size`: the guest's, bytes; it is compiled afterwards. `threads`: the
   * run may start workers when it is there.
   */
  blocking(size: number, threads: boolean): Machine;
  /** For guests that are suspended while they wait. */
  readonly suspending: {
    posix(): Promise<SuspendingMachine>;
    evented(): Promise<SuspendingMachine>;
  };
}
