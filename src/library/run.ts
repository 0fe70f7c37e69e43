import type { NetFamily } from "../machine/machines.ts";
import { runComponent } from "../run/component.ts";
import { CompiledComponent, compiledOf } from "./compile.ts";
import { type GuestSurroundings, guestOptions, hasRequests } from "./guest.ts";
import { createMachine, createSuspendingMachine } from "./machine.ts";
import type { ComponentSource } from "./source.ts";
import { blockingInput, type Input, Streams, suspendedInput } from "./stdio.ts";
import type { Wait } from "./wait.ts";

export interface RunOptions extends GuestSurroundings {
  /** The guest's argv; its first item is by custom the program's name. None unless given. */
  readonly args?: readonly string[];
  /** Where it comes from: it has ended unless given. `inherit`: the process's own. */
  readonly stdin?: Input;
  /** Ends the guest at its next wait, or in the one under way; one that blocks is only kept from starting. */
  readonly signal?: AbortSignal;
  /** `suspending` unless given, or what the component was compiled for. */
  readonly wait?: Wait;
  /** Whose sockets a suspended guest uses: libc's, or the runtime's own. libc's where they can be had, unless given. */
  readonly net?: NetFamily;
}

export interface RunResult {
  /** 0..255 */
  readonly exitCode: number;
}

/**
 * Runs a command component (one that exports `wasi:cli/run`) to its end. It inherits nothing that is not asked for. While it
 * waits, timers, promises and servers of this program go on, and other components run beside it.
 *
 * @throws ParseError, LinkError if it cannot run; LimitError if it asks for more from the start than `limits` let it have;
 * PreopenError if a directory cannot be opened; OutOfResources if there are no descriptors for it; Trap if it was ended; the signal's reason if that was aborted
 */
export async function run(source: ComponentSource | CompiledComponent, options: RunOptions = {}): Promise<RunResult> {
  const wait = options.wait ?? (source instanceof CompiledComponent ? source.wait : undefined) ?? "suspending";
  const component = await compiledOf(source, wait, options.limits);
  options.signal?.throwIfAborted();
  using streams = new Streams();
  const exitCode = await (wait === "blocking" ? runBlocking : runSuspending)(component, options, streams);
  await streams.finish();
  return { exitCode };
}

async function runBlocking(component: CompiledComponent, options: RunOptions, streams: Streams): Promise<number> {
  const inputOn = await blockingInput(options.stdin, options.signal);
  const machine = await createMachine();
  try {
    options.signal?.throwIfAborted();
    const input = inputOn(machine);
    const compiled = await component.compiledFor("blocking");
    return runComponent(
      machine,
      compiled,
      await guestOptions(machine, component, { ...options, stdin: input, http: hasRequests(options.network) }, streams),
    );
  } finally {
    machine.selector.close();
  }
}

async function runSuspending(component: CompiledComponent, options: RunOptions, streams: Streams): Promise<number> {
  const { SuspendingPoll } = await import("../core/wait/suspending-poll.ts");
  const { runSuspended } = await import("../run/component-suspended.ts");
  const { stdin, signal } = options;
  const machine = await createSuspendingMachine(options.net);
  const poll = new SuspendingPoll(machine);
  const abort = (): void => poll.abort(signal?.reason);
  try {
    signal?.throwIfAborted();
    signal?.addEventListener("abort", abort);
    const input = suspendedInput(machine, poll, stdin, streams);
    return await runSuspended(
      machine,
      await component.compiledFor("suspending"),
      await guestOptions(machine, component, { ...options, stdin: input, http: hasRequests(options.network) }, streams),
      poll,
    );
  } finally {
    signal?.removeEventListener("abort", abort);
    machine.selector.close();
  }
}
