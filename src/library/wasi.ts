import type { ComponentInstance } from "../component/link/instantiate.ts";
import { BlockingPoll } from "../core/wait/poll.ts";
import type { Machine } from "../machine/machine.ts";
import type { NetFamily } from "../machine/machines.ts";
import type { ComponentOptions } from "../run/component.ts";
import { instanceWithWasi } from "../run/instance.ts";
import type { CompiledComponent } from "./compile.ts";
import { type GuestSurroundings, guestOptions } from "./guest.ts";
import { createMachine, createSuspendingMachine } from "./machine.ts";
import { blockingInput, type Input, Streams, suspendedInput } from "./stdio.ts";
import type { Store } from "./values/store.ts";
import type { Wait } from "./wait.ts";

/** WASI of Pollux's own, in each version that the component imports: it is given what `run` gives a guest. */
export interface WasiOptions extends Omit<GuestSurroundings, "limits"> {
  /** Its argv: none unless given. */
  readonly args?: readonly string[];
  /** Where its standard input comes from: it has ended unless given. `inherit`: the process's own. */
  readonly stdin?: Input;
  /** The sockets that a suspended component uses: libc's, or the runtime's own. libc's where they can be had, unless given. */
  readonly net?: NetFamily;
}

/** An instance, and what ends with it. */
export interface Linked {
  readonly instance: ComponentInstance;
  readonly store?: Store | undefined;
  close(): Promise<void>;
}

/** What a program gives it, made for an instance on that machine. */
export type ProgramOn = (machine: Machine) => Promise<{
  readonly program: NonNullable<ComponentOptions["program"]>;
  readonly store: Store | undefined;
}>;

/**
 * Instantiates a component that has WASI beside what the program gives it.
 *
 * @throws as `instantiate`; PreopenError if a directory cannot be opened
 */
export async function linkWithWasi(
  component: CompiledComponent,
  wait: Wait,
  wasi: WasiOptions,
  programOn: ProgramOn,
): Promise<Linked> {
  const compiled = await component.compiledFor(wait);
  const streams = new Streams();
  const { machine, poll, stdin } = await (wait === "blocking" ? blocking(wasi) : suspending(wasi, streams));
  const release = () => {
    streams[Symbol.dispose]();
    machine.selector.close();
  };
  try {
    const { program, store } = await programOn(machine);
    const given = await guestOptions(machine, component, { ...wasi, stdin }, streams);
    const options = { ...given, program };
    const { instance, close } = await instanceWithWasi(machine, poll, compiled, options);
    store?.connect(instance.scheduler);
    return {
      instance,
      store,
      async close() {
        try {
          await close();
          await streams.finish();
        } finally {
          release();
        }
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

async function blocking({ stdin }: WasiOptions) {
  const inputOn = await blockingInput(stdin);
  const machine = await createMachine();
  return { machine, poll: new BlockingPoll(machine), stdin: inputOn(machine) };
}

async function suspending({ stdin, net }: WasiOptions, streams: Streams) {
  const { SuspendingPoll } = await import("../core/wait/suspending-poll.ts");
  const machine = await createSuspendingMachine(net);
  const poll = new SuspendingPoll(machine);
  return { machine, poll, stdin: suspendedInput(machine, poll, stdin, streams) };
}
