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
  /** The server's own poll; each instance gets another. */
  readonly poll: SuspendingPoll;
  /** Compiled for suspension. */
  readonly component: CompiledComponent;
  readonly options: ComponentOptions;
  /** The full name of the interface that it exports to handle requests. */
  readonly handler: string;
  /** Fields for every request; they replace those of the same names from the client. */
  readonly requestHeaders: readonly HttpField[];
  /** The most that one `fields` may hold, bytes. */
  readonly maxFieldsSize: number;
  /** How long a guest may compute without yielding, ns; undefined: for ever. */
  readonly patience: { readonly limit: number; readonly interruptor: typeof interruptor } | undefined;
  /** Detects whether guests that were not compiled to be interruptible should be. */
  readonly busy: BusyGuests | undefined;
  readonly stdout: LogStream;
  readonly stderr: LogStream;
  /** Whether each line of a guest begins with its stream's name and the instance's number. */
  readonly prefixes: boolean;
}
