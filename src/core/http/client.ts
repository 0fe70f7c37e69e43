import type { ErrorCode } from "../../machine/error-code.ts";
import type { HttpCommand, HttpEvent, HttpRequest, HttpThread, StartHttpThread } from "../../machine/http.ts";
import { READABLE } from "../../machine/selector.ts";
import { Condition, READY } from "../wait/condition.ts";
import type { Poll } from "../wait/poll.ts";

/** One side of an exchange on the guest's thread. */
export interface HttpListener {
  on(event: HttpEvent): void;
}

/**
 * The guest's end of the thread that does HTTP, which starts with the first request. What waits for an exchange waits for
 * the thread's one source and then looks whether its own event was among those that came.
 */
export class HttpClient {
  readonly #poll: Poll;
  readonly #start: StartHttpThread;
  readonly #listeners = new Map<number, HttpListener>();
  #thread: HttpThread | undefined;
  #last = 0;

  constructor(poll: Poll, start: StartHttpThread) {
    this.#poll = poll;
    this.#start = start;
  }

  /** Starts an exchange and answers its number, or why there is no thread for it. */
  request(request: HttpRequest, listener: HttpListener): number | ErrorCode {
    if (this.#thread === undefined) {
      const thread = this.#start();
      if (typeof thread === "string") return thread;
      this.#thread = thread;
      this.#poll.opened(thread);
    }
    const id = ++this.#last;
    this.#listeners.set(id, listener);
    this.#thread.post({ type: "request", id, request });
    return id;
  }

  /** Of an exchange that is over, nothing is sent. */
  post(command: HttpCommand): void {
    if (this.#listeners.has(command.id)) this.#thread?.post(command);
  }

  /** No event of it comes any more. */
  forget(id: number): void {
    this.#listeners.delete(id);
  }

  /** Takes in what has happened on the thread. */
  pump(): void {
    for (let event = this.#thread?.receive(); event !== undefined; event = this.#thread?.receive()) {
      this.#listeners.get(event.id)?.on(event);
    }
  }

  /** From now on `condition` is not ready, until an event makes its owner settle it. */
  awaitEvent(condition: Condition): void {
    const thread = this.#thread;
    if (thread === undefined) throw new Error("a wait for an exchange that was never started");
    condition.watch(thread.source, READABLE);
    condition.confirm = () => {
      this.pump();
      return condition.kind === READY;
    };
  }

  /** A condition that an event settles. */
  pending(): Condition {
    const condition = Condition.ready();
    this.awaitEvent(condition);
    return condition;
  }

  now(): number {
    return this.#poll.now();
  }
}
