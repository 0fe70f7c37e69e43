import type { Machine } from "../../../machine/machine.ts";
import { READABLE } from "../../../machine/selector.ts";
import type { TcpHandle } from "../../../machine/sockets.ts";
import { Condition, Waiter } from "../../wait/condition.ts";
import { after, NEVER } from "../../wait/deadline.ts";
import type { Poll } from "../../wait/poll.ts";
import { WaitSet } from "../../wait/wait-set.ts";
import { ServerConnection } from "./connection.ts";
import type { ServerExchange } from "./exchange.ts";
import { HttpDate } from "./http-date.ts";
import { defaultLimits, type ServerLimits } from "./limits.ts";
import { Stage } from "./output.ts";
import { StatusLines } from "./reasons.ts";
import { RequestHeadParser } from "./request-head.ts";
import type { Resumable, ServerContext, ServerWork } from "./server-context.ts";

/** The most connections that are accepted before existing ones have their turn. */
const ACCEPTS = 64;

/** The time after which accepting is tried again when it failed, ns, unless a connection is closed before. */
const RECOVERY = 1e9;

export interface HttpServerOptions {
  readonly machine: Machine;
  readonly poll: Poll;
  /** Listening sockets. The server closes them. */
  readonly listeners: readonly TcpHandle[];
  readonly limits?: Partial<ServerLimits>;
  /** Called for each request. Must not throw or wait. */
  readonly serve: (exchange: ServerExchange) => void;
  /** Called if the client is gone, or the server has responded itself, before the response was complete. Must not throw. */
  readonly abandoned?: (exchange: ServerExchange) => void;
  /** Called with messages for an administrator: connections that could not be accepted. */
  readonly log?: (message: string) => void;
}

/**
 * An HTTP/1.1 server (RFC 9112). Its listeners and connections wait in one set.
 *
 *     found = await poll.poll(server.set); server.advance(found)      and so on; or `run`
 *
 * Bytes that are written in one turn of `advance` are sent at its end; bytes written outside of it, when the running code returns
 * to the event loop. Waiting allocates nothing. Each connection has two conditions.
 */
export class HttpServer implements ServerContext, ServerWork {
  readonly machine: Machine;
  readonly poll: Poll;
  readonly set = new WaitSet<ServerWork>();
  readonly limits: ServerLimits;
  readonly stage = new Stage();
  readonly parser: RequestHeadParser;
  readonly lines = new StatusLines();
  readonly serve: (exchange: ServerExchange) => void;
  readonly abandoned: (exchange: ServerExchange) => void;
  readonly #log: (message: string) => void;
  readonly #date: HttpDate;
  readonly #connections = new Set<ServerConnection>();
  readonly #listeners = new Map<Waiter<ServerWork>, TcpHandle>();
  /** A timer: the time to accept again, or to close what is left. */
  readonly #clock = new Waiter<ServerWork>(Condition.timer(NEVER), this);
  #acceptAgain = NEVER;
  #end = NEVER;
  /** Ready when something is to resume in the next turn. */
  readonly #woken = new Waiter<ServerWork>(Condition.ready(), this);
  #later: Resumable[] = [];
  #unsent: Resumable[] = [];
  #flushing = false;
  #turn = false;
  #time = 0;
  #conditionChanged = false;
  #accepts = true;
  closing = false;
  retiring = false;
  readonly #closed: (() => void)[] = [];

  constructor({ machine, poll, listeners, limits, serve, abandoned = () => {}, log = () => {} }: HttpServerOptions) {
    this.machine = machine;
    this.poll = poll;
    this.limits = { ...defaultLimits, ...limits };
    this.parser = new RequestHeadParser(this.limits);
    this.serve = serve;
    this.abandoned = abandoned;
    this.#log = log;
    this.#date = new HttpDate(machine);
    this.#woken.condition.markPending();
    this.set.add(this.#clock);
    this.set.add(this.#woken);
    for (const listener of listeners) {
      const waiter = new Waiter<ServerWork>(Condition.source(listener.source, READABLE), this);
      this.#listeners.set(waiter, listener);
      this.set.add(waiter);
    }
  }

  /** The number of connections. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Whether the server has ended, so that it need not be waited for any more. */
  get over(): boolean {
    return (this.closing || this.retiring) && this.#connections.size === 0;
  }

  get time(): number {
    return this.#turn ? this.#time : this.machine.now();
  }

  now(): number {
    return this.machine.now();
  }

  date(): Uint8Array {
    return this.#date.line(this.time);
  }

  /** Serves until it is closed. */
  async run(): Promise<void> {
    while (!this.over) {
      const found = this.poll.poll(this.set);
      this.advance(typeof found === "number" ? found : await found);
    }
  }

  /** Serves what the last wait has found. @param found The number of waiters */
  advance(found: number): void {
    this.#turn = true;
    this.#time = this.machine.now();
    for (let i = 0; i < found; i++) {
      const waiter = this.set.found[i]!;
      // An earlier turn may have closed it.
      if (waiter.set !== undefined) waiter.owner.fired(waiter);
    }
    this.#turn = false;
    this.#tell();
  }

  fired(waiter: Waiter<ServerWork>): void {
    const listener = this.#listeners.get(waiter);
    if (listener !== undefined) this.#accept(listener);
    else if (waiter === this.#clock) this.#ring();
    else this.#resume();
  }

  #resume(): void {
    this.#woken.condition.markPending();
    const later = this.#later;
    this.#later = [];
    for (const connection of later) connection.resume();
  }

  // Requests of connections to the server.

  flushAtTurnEnd(connection: Resumable): void {
    if (connection.dirty) return;
    connection.dirty = true;
    this.#unsent.push(connection);
    if (this.#flushing) return;
    this.#flushing = true;
    // Guests run first: most have ended their responses by then, so that each leaves in one piece.
    this.poll.soon(this.#flush);
  }

  readonly #flush = (): void => {
    this.#flushing = false;
    const unsent = this.#unsent;
    for (let i = 0; i < unsent.length; i++) {
      const connection = unsent[i]!;
      connection.dirty = false;
      connection.flush();
      this.#conditionChanged = true;
    }
    unsent.length = 0;
    this.#tell();
  };

  resumeNextTurn(connection: Resumable): void {
    this.#later.push(connection);
    this.#wakeUp();
  }

  /** Ends a wait that is under way, or the next one. */
  #wakeUp(): void {
    this.#woken.condition.markReady();
    this.wake();
  }

  wake(): void {
    if (!this.#turn) this.poll.wake();
  }

  conditionChanged(): void {
    this.#conditionChanged = true;
    if (!this.#turn && !this.#flushing) this.#tell();
  }

  #tell(): void {
    if (!this.#conditionChanged) return;
    this.#conditionChanged = false;
    this.poll.wake();
  }

  closed(connection: ServerConnection): void {
    this.#connections.delete(connection);
    this.#listen(true);
    this.#finishIfOver();
  }

  // Incoming connections.

  #accept(listener: TcpHandle): void {
    for (let i = 0; i < ACCEPTS && this.#accepts; i++) {
      const handle = listener.accept();
      if (handle === "would-block") return;
      if (handle === "connection-aborted") continue;
      if (typeof handle === "string") {
        this.#log(`cannot accept a connection: ${handle}`);
        this.#acceptAgain = after(this.time, RECOVERY);
        this.#retime();
        this.#listen(false);
        return;
      }
      this.#connections.add(new ServerConnection(this, handle));
      if (this.#connections.size >= this.limits.maxConnections) this.#listen(false);
    }
  }

  #listen(accepts: boolean): void {
    if (this.#accepts === accepts) return;
    this.#accepts = accepts;
    for (const [{ condition }, { source }] of this.#listeners) {
      if (accepts) condition.watch(source, READABLE);
      else condition.markPending();
    }
    if (accepts) this.wake();
  }

  // The end.

  /**
   * Stops listening. Idle connections are closed at once, others after the response that is under way.
   *
   * @param grace ns, after which the remaining connections are closed
   * @returns Resolves when no connection is left. The set must be waited for until then
   */
  close(grace: number): Promise<void> {
    this.closing = true;
    this.#leave(grace);
    for (const connection of this.#connections) if (connection.idle) connection.close();
    return this.#whenOver();
  }

  /**
   * As `close`, for a server whose listeners another process has, too. Each connection may have one more request, which is answered
   * with `connection: close`. So a client that uses an idle connection again at this moment loses nothing.
   */
  retire(grace: number): Promise<void> {
    this.retiring = true;
    this.#leave(grace);
    return this.#whenOver();
  }

  /** Stops listening. The connections that are left after `grace` ns are closed. */
  #leave(grace: number): void {
    for (const [waiter, listener] of this.#listeners) {
      this.set.remove(waiter);
      this.poll.forget(listener.source);
      listener.close();
    }
    this.#listeners.clear();
    this.#end = Math.min(this.#end, after(this.time, grace));
    this.#retime();
  }

  #whenOver(): Promise<void> {
    return new Promise((resolve) => {
      this.#closed.push(resolve);
      this.#wakeUp();
      this.#finishIfOver();
    });
  }

  #finishIfOver(): void {
    if (!this.over) return;
    this.#wakeUp();
    for (const resolve of this.#closed.splice(0)) resolve();
  }

  #retime(): void {
    this.#clock.condition.retime(Math.min(this.#acceptAgain, this.#end));
    this.wake();
  }

  #ring(): void {
    if (this.#time >= this.#acceptAgain) {
      this.#acceptAgain = NEVER;
      this.#listen(this.#connections.size < this.limits.maxConnections);
    }
    if (this.#time >= this.#end) {
      this.#end = NEVER;
      for (const connection of this.#connections) connection.close();
    }
    this.#retime();
  }
}
