import type { Machine } from "../../../machine/machine.ts";
import type { Waiter } from "../../wait/condition.ts";
import type { Poll } from "../../wait/poll.ts";
import type { WaitSet } from "../../wait/wait-set.ts";
import type { ServerExchange } from "./exchange.ts";
import type { ServerLimits } from "./limits.ts";
import type { Stage } from "./output.ts";
import type { StatusLines } from "./reasons.ts";
import type { RequestHeadParser } from "./request-head.ts";

/** An owner of waiters in a server's set. */
export interface ServerWork {
  /** Called when one of its waiters was found ready. */
  fired(waiter: Waiter<ServerWork>): void;
}

/** A connection that can send the rest later, or resume. */
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
  /** The start of this turn of the server, ns on the machine's clock. */
  readonly time: number;
  /** Whether no connection is kept for another request. */
  readonly closing: boolean;
  /** Whether the next request of each connection is its last. */
  readonly retiring: boolean;
  now(): number;
  date(): Uint8Array;
  serve(exchange: ServerExchange): void;
  /** Called when the rest of the response is discarded. */
  abandoned(exchange: ServerExchange): void;
  /** Sends the connection's bytes at the end of the turn. */
  flushAtTurnEnd(connection: Resumable): void;
  /** Resumes the connection in the next turn. */
  resumeNextTurn(connection: Resumable): void;
  /** Wakes a wait that is under way and does not know of a new condition. */
  wake(): void;
  /** Called when a condition has changed that may be waited for outside of the server. */
  conditionChanged(): void;
  closed(connection: Resumable): void;
}
