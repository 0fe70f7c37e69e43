import type { Machine } from "../../../machine/machine.ts";
import type { Waiter } from "../../wait/condition.ts";
import type { Poll } from "../../wait/poll.ts";
import type { WaitSet } from "../../wait/wait-set.ts";
import type { ServerExchange } from "./exchange.ts";
import type { ServerLimits } from "./limits.ts";
import type { Stage } from "./output.ts";
import type { StatusLines } from "./reasons.ts";
import type { RequestHeadParser } from "./request-head.ts";

/** Something that waits in a server's set. */
export interface ServerWork {
  /** One of its waiters was found. */
  fired(waiter: Waiter<ServerWork>): void;
}

/** Something that can send its rest later, or go on. */
export interface Resumable {
  dirty: boolean;
  flush(): void;
  resume(): void;
}

/** The server as its connections see it. */
export interface ServerContext {
  readonly machine: Machine;
  readonly poll: Poll;
  readonly set: WaitSet<ServerWork>;
  readonly limits: ServerLimits;
  readonly stage: Stage;
  readonly parser: RequestHeadParser;
  readonly lines: StatusLines;
  /** When this turn of the server's began, ns on the machine's clock. */
  readonly time: number;
  /** No connection is kept for another request. */
  readonly closing: boolean;
  /** The next request of a connection is its last. */
  readonly retiring: boolean;
  now(): number;
  date(): Uint8Array;
  serve(exchange: ServerExchange): void;
  /** The rest of the response is discarded. */
  left(exchange: ServerExchange): void;
  /** Sends what the connection has when the turn is over. */
  written(connection: Resumable): void;
  /** Lets the connection go on in the next turn. */
  soon(connection: Resumable): void;
  /** A wait that is under way does not know of something that it is to wait for. */
  stir(): void;
  /** A condition that somebody else may wait for has changed. */
  told(): void;
  closed(connection: Resumable): void;
}
