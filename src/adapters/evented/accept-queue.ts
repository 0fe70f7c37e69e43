import type { ErrorCode } from "../../machine/error-code.ts";
import { READABLE, WRITABLE } from "../../machine/selector.ts";
import { RuntimeConnection } from "./connection.ts";
import type { ListenerEvents, RuntimeListener, StreamEvents } from "./runtime.ts";
import type { EventedSelector, EventedSource } from "./selector.ts";

/**
 * The most connections that wait to be accepted, as in Linux's largest accept queue (somaxconn); further ones are
 * closed.
 */
const MAX_QUEUED = 4096;

/**
 * A bound socket. If a runtime binds and listens in one step, a peer's connect succeeds from the bind on. Such
 * connections wait here until the guest has called listen and accepts them.
 */
export class AcceptQueue implements ListenerEvents {
  readonly #selector: EventedSelector;
  readonly #source: EventedSource;
  readonly #waiting: RuntimeConnection[] = [];
  #closed = false;
  /** The outcome of opening it; `would-block` while that is in progress. */
  outcome: ErrorCode | undefined = "would-block";
  listener: RuntimeListener | undefined;

  constructor(selector: EventedSelector, source: EventedSource) {
    this.#selector = selector;
    this.#source = source;
  }

  opened(listener: RuntimeListener): void {
    if (this.#closed) {
      listener.close();
      return;
    }
    this.listener = listener;
    this.outcome = undefined;
    this.#selector.update(this.#source, WRITABLE);
  }

  failed(error: ErrorCode): void {
    if (this.listener !== undefined || this.#closed) return;
    this.outcome = error;
    this.#selector.update(this.#source, WRITABLE);
  }

  accepted(): StreamEvents | undefined {
    if (this.#closed || this.#waiting.length >= MAX_QUEUED) return undefined;
    const connection = new RuntimeConnection(this.#selector, this.#selector.open());
    this.#waiting.push(connection);
    this.#update();
    return connection;
  }

  listen(backlog: number): ErrorCode | undefined {
    const error = this.listener?.listen(backlog);
    this.#update();
    return error;
  }

  #update(): void {
    this.#selector.update(this.#source, this.#waiting.length > 0 ? READABLE : 0);
  }

  accept(): RuntimeConnection | undefined {
    const connection = this.#waiting.shift();
    if (this.#waiting.length === 0) this.#update();
    return connection;
  }

  close(): void {
    this.#closed = true;
    this.listener?.close();
    for (const connection of this.#waiting) connection.close(false);
  }
}
