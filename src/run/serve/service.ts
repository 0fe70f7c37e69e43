import type { CompiledComponent } from "../../component/link/compiled.ts";
import type { HttpField } from "../../core/http/error-code.ts";
import type { SuspendingPoll } from "../../core/wait/suspending-poll.ts";
import type { SuspendingMachine } from "../../machine/machine.ts";
import type { interruptor } from "../../wasm/limits/interruptible.ts";
import type { ComponentOptions } from "../component.ts";
import type { BusyGuests } from "./busy-guests.ts";
import type { LogStream } from "./log-stream.ts";

/** The parts that the instances of a served component are made from. */
export interface Service {
  readonly machine: SuspendingMachine;
  /** The server's own; each instance has one beside it. */
  readonly poll: SuspendingPoll;
  /** Compiled for guests that are suspended. */
  readonly component: CompiledComponent;
  readonly options: ComponentOptions;
  /** The interface that it exports to answer requests, as it names it. */
  readonly handler: string;
  /** Fields that every request gets, in place of those that its client sent under these names. */
  readonly requestHeaders: readonly HttpField[];
  /** The limit of one `fields`, bytes. */
  readonly maxFieldsSize: number;
  /** How long a guest may compute without yielding, ns; undefined: for ever. */
  readonly patience: { readonly limit: number; readonly interruptor: typeof interruptor } | undefined;
  /** Whether guests that were not compiled to be interrupted had better be. */
  readonly busy: BusyGuests | undefined;
  readonly stdout: LogStream;
  readonly stderr: LogStream;
  /** Whether each line that a guest writes begins with its stream and the instance's number. */
  readonly prefixes: boolean;
}
