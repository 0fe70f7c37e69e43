import type { Machine, SuspendingMachine } from "./machine.ts";

/** The sockets of a machine: libc's through the runtime's FFI (`posix`), or the runtime's own (`evented`). */
export type NetFamily = "posix" | "evented";

/**
 * What a guest needs of its machine, in addition to a clock, stdio and a way to wait. Other parts are not loaded, and
 * return not-supported.
 */
export interface MachineNeeds {
  /** True for the program's own machine: it need not reserve descriptors for Pollux. */
  readonly ownsDescriptors?: true;
  /** True if the event loop serves only the machine's guests: a wait may hold it for a millisecond. */
  readonly ownsEventLoop?: true;
  readonly net: boolean;
  readonly files: boolean;
}

export const allNeeds: MachineNeeds = { net: true, files: true };

/**
 * The machines of a runtime. Each guest gets a new one.
 *
 * All methods throw UnsupportedRuntime, with a message that says what to use instead.
 */
export interface Machines {
  /**
   * Makes a posix machine for a guest that blocks its thread while it waits. It is made before the guest is compiled.
   * @param threads whether the run may start workers later
   */
  blocking(threads: boolean, needs: MachineNeeds): Promise<Machine>;
  /** For guests whose stacks are suspended while they wait. */
  readonly suspending: {
    posix(needs: MachineNeeds): Promise<SuspendingMachine>;
    evented(): Promise<SuspendingMachine>;
  };
}
