import { HUNG_UP, Source, type SuspendingSelector } from "../../machine/selector.ts";
import { mustSleep } from "../process/next-task.ts";

/** The longest timer that the runtimes accept, ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A source whose readiness the runtime's callbacks report. */
export class EventedSource extends Source {
  /** Its READABLE, WRITABLE and HUNG_UP bits now; its socket sets them by `EventedSelector.update`. */
  state = 0;
  /** Of the selector: the interest in it, and its position in the list of ready sources (-1: not in it). */
  interest = 0;
  position = -1;
  /** Called when there is interest in it: for data that is fetched on demand only. */
  demand: (() => void) | undefined;
}

/** A selector without a kernel to ask: callbacks keep the ready set, and a wait is a promise that they resolve. */
export class EventedSelector implements SuspendingSelector {
  readonly neverWaits = true;
  readonly sources: Source[] = [];
  events = new Uint8Array(64);
  readonly #onClose: () => void;
  readonly #ready: EventedSource[] = [];
  #opened = 0;
  #resolve: (() => void) | undefined;
  #deadline = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ending: ReturnType<typeof setImmediate> | undefined;

  /** @param onClose closes everything that the guest has left open */
  constructor(onClose: () => void) {
    this.#onClose = onClose;
  }

  open(): EventedSource {
    return new EventedSource(this.#opened++);
  }

  /** Sets the state of `source`. */
  update(source: EventedSource, state: number): void {
    source.state = state;
    this.#sort(source);
  }

  setInterest(source: Source, interest: number): boolean {
    if (!(source instanceof EventedSource)) throw new Error("a source of another machine");
    source.interest = interest;
    this.#sort(source);
    if (interest !== 0) source.demand?.();
    return true;
  }

  forget(source: Source): void {
    this.setInterest(source, 0);
  }

  #sort(source: EventedSource): void {
    const ready = (source.state & source.interest) !== 0;
    if (ready === source.position >= 0) return;
    if (ready) {
      source.position = this.#ready.push(source) - 1;
      this.wake();
      return;
    }
    const last = this.#ready.pop()!;
    if (last !== source) {
      this.#ready[source.position] = last;
      last.position = source.position;
    }
    source.position = -1;
  }

  look(source: Source, interest: number): number {
    if (!(source instanceof EventedSource)) throw new Error("a source of another machine");
    source.demand?.();
    return source.state & (interest | HUNG_UP);
  }

  select(timeout: number): number {
    if (timeout > 0) throw new Error("this machine's guests are suspended while they wait: it cannot hold the thread");
    const ready = this.#ready;
    if (ready.length > this.events.length) this.events = new Uint8Array(ready.length * 2);
    for (let i = 0; i < ready.length; i++) {
      const source = ready[i]!;
      this.sources[i] = source;
      this.events[i] = source.state & (source.interest | HUNG_UP);
    }
    return ready.length;
  }

  wait(timeout: number): Promise<void> {
    if (this.#resolve !== undefined) throw new Error("a wait is pending already");
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#resolve = resolve;
    this.#deadline = performance.now() + timeout / 1e6;
    if (timeout <= 0 && mustSleep()) this.#timer = setTimeout(() => this.#end(), 0);
    else if (timeout <= 0 || this.#ready.length > 0) this.wake();
    else this.#arm();
    return promise;
  }

  /** Starts a timer, also for a wait without end: it keeps the program alive. */
  #arm(): void {
    const left = this.#deadline - performance.now();
    if (left <= 0) this.#end();
    else this.#timer = setTimeout(() => this.#arm(), Math.min(Math.ceil(left), MAX_TIMER_MS));
  }

  /**
   * Ends the wait in a later task, so that the guest finds all events of this turn of the event loop, not only the
   * first.
   */
  wake(): void {
    if (this.#resolve !== undefined) this.#ending ??= setImmediate(() => this.#end());
  }

  #end(): void {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    clearTimeout(this.#timer);
    clearImmediate(this.#ending);
    this.#timer = undefined;
    this.#ending = undefined;
    resolve?.();
  }

  close(): void {
    this.#end();
    this.#onClose();
  }
}
