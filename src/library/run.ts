import type { NetFamily } from "../machine/machines.ts";
import { runComponent } from "../run/component.ts";
import { checkOptions, type OptionNames } from "./check-options.ts";
import { CompiledComponent, compiledOf } from "./compile.ts";
import { FirstRefusal } from "./first-refusal.ts";
import { type GuestSurroundings, guestOptions, surroundingNames, surroundings } from "./guest.ts";
import { createMachine, createSuspendingMachine } from "./machine.ts";
import type { ComponentSource } from "./source.ts";
import { blockingInput, type Input, type Output, Streams, suspendedInput, TextOutput } from "./stdio.ts";
import type { Wait } from "./wait.ts";

/** Options of `run`. A command inherits nothing that is not asked for. */
export interface RunOptions extends Omit<GuestSurroundings, "stdout" | "stderr"> {
  /** The guest's argv; its first item is by custom the program's name. None unless given. */
  readonly args?: readonly string[];
  /** Where its standard input comes from: it has ended unless given. `inherit`: the process's own. */
  readonly stdin?: Input;
  /** Where its standard output goes: nowhere unless given. `inherit`: the process's own; `text`: into the result. */
  readonly stdout?: Output | "text";
  /** The same of standard error. */
  readonly stderr?: Output | "text";
  /** Ends the guest at its next wait, or in the one under way; one that blocks is only kept from starting. */
  readonly signal?: AbortSignal;
  /** `suspending` unless given, or what the component was compiled for. */
  readonly wait?: Wait;
  /** Whose sockets a suspended guest uses: libc's, or the runtime's own. libc's where they can be had, unless given. */
  readonly net?: NetFamily;
}

const names: OptionNames<RunOptions> = {
  ...surroundingNames,
  args: true,
  stdin: true,
  signal: true,
  wait: true,
  net: true,
};

/** How a guest that was run has ended. */
export interface RunResult {
  /** The status that it has exited with, 0 to 255: 0 if it succeeded. */
  readonly exitCode: number;
  /** If it has failed: what it asked for and was not given, and how to give it that. That may be why. */
  readonly hint?: string;
}

/** The result's property for `stdout: "text"`. */
export interface StdoutText {
  /** All that the guest has written to it, as UTF-8. */
  readonly stdout: string;
}

/** The result's property for `stderr: "text"`. */
export interface StderrText {
  /** All that the guest has written to it, as UTF-8. */
  readonly stderr: string;
}

/**
 * Runs a command to its end: a component that exports `wasi:cli/run`, or a core module of WASI 0.1 (`wasi_snapshot_preview1`). It inherits
 * nothing that is not asked for. While it waits, timers, promises and servers of this program go on, and other guests run beside it.
 *
 * @param source The command, or where it is
 * @param options What it is given
 * @returns How it has ended; with `stdout: "text"` or `stderr: "text"` what it has written, too
 * @example
 * ```ts
 * import { run } from "pollux";
 *
 * const { exitCode, stdout } = await run("hello.wasm", { args: ["hello"], stdout: "text" });
 * console.log(exitCode, stdout.trim()); // 0 hello, world
 * ```
 * @throws ParseError if it is no component and no core module; LinkError if it wants what is not there, or is no command; LimitError if it
 * asks for more from the start than `limits` let it have; PreopenError if a directory cannot be opened; OutOfResources if there are no
 * descriptors for it; UnsupportedRuntime where this runtime cannot wait as asked; TypeError for an option that there is not; Trap if it
 * was ended; the signal's reason if that was aborted
 */
export async function run(
  source: ComponentSource | CompiledComponent,
  options: RunOptions & { readonly stdout: "text"; readonly stderr: "text" },
): Promise<RunResult & StdoutText & StderrText>;
export async function run(
  source: ComponentSource | CompiledComponent,
  options: RunOptions & { readonly stdout: "text" },
): Promise<RunResult & StdoutText>;
export async function run(
  source: ComponentSource | CompiledComponent,
  options: RunOptions & { readonly stderr: "text" },
): Promise<RunResult & StderrText>;
export async function run(source: ComponentSource | CompiledComponent, options?: RunOptions): Promise<RunResult>;
export async function run(source: ComponentSource | CompiledComponent, options: RunOptions = {}): Promise<RunResult> {
  checkOptions("run", options, names);
  const wait = options.wait ?? (source instanceof CompiledComponent ? source.wait : undefined) ?? "suspending";
  const component = await compiledOf(source, wait, options.limits);
  options.signal?.throwIfAborted();
  using streams = new Streams();
  const stdout = options.stdout === "text" ? new TextOutput() : options.stdout;
  const stderr = options.stderr === "text" ? new TextOutput() : options.stderr;
  const given = { ...options, stdout: outputOf(stdout), stderr: outputOf(stderr) };
  const refusal = new FirstRefusal();
  const runGuest = wait === "blocking" ? runBlocking : runSuspending;
  const exitCode = await runGuest(component, given, streams, refusal).catch((error: unknown) => {
    throw refusal.explain(error);
  });
  await streams.finish();
  return {
    exitCode,
    ...(exitCode !== 0 && refusal.hint !== undefined && { hint: refusal.hint }),
    ...(stdout instanceof TextOutput && { stdout: stdout.text() }),
    ...(stderr instanceof TextOutput && { stderr: stderr.text() }),
  };
}

function outputOf(output: Output | TextOutput): Output {
  return output instanceof TextOutput ? output.write : output;
}

/** The options of a run, whose outputs all go somewhere. */
type Given = RunOptions & GuestSurroundings;

async function runBlocking(
  component: CompiledComponent,
  options: Given,
  streams: Streams,
  refusal: FirstRefusal,
): Promise<number> {
  const inputOn = await blockingInput(options.stdin, options.signal);
  const machine = await createMachine();
  try {
    options.signal?.throwIfAborted();
    const input = inputOn(machine);
    if (component.isCore) {
      const { runCoreBlocking } = await import("./core-module.ts");
      const given = refusal.watch(surroundings({ ...options, stdin: input }, component.limits, streams));
      return await runCoreBlocking(machine, await component.coreFor("blocking"), given);
    }
    const compiled = await component.compiledFor("blocking");
    return runComponent(
      machine,
      compiled,
      refusal.watch(await guestOptions(machine, component, { ...options, stdin: input }, streams)),
    );
  } finally {
    machine.selector.close();
  }
}

async function runSuspending(
  component: CompiledComponent,
  options: Given,
  streams: Streams,
  refusal: FirstRefusal,
): Promise<number> {
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
    if (component.isCore) {
      const { runCoreSuspended } = await import("./core-module.ts");
      const given = refusal.watch(surroundings({ ...options, stdin: input }, component.limits, streams));
      return await runCoreSuspended(machine, await component.coreFor("suspending"), given, poll);
    }
    return await runSuspended(
      machine,
      await component.compiledFor("suspending"),
      refusal.watch(await guestOptions(machine, component, { ...options, stdin: input }, streams)),
      poll,
    );
  } finally {
    signal?.removeEventListener("abort", abort);
    machine.selector.close();
  }
}
