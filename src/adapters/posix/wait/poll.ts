import type { Selector, Source } from "../../../machine/selector.ts";
import type { Block } from "../libc/ffi.ts";
import { EVENTS, foundEvents, lookAt, POLLFD, type PollContext, pollEvents, REVENTS } from "./pollfd.ts";
import { MAX_WAIT_NS, milliseconds } from "./timeout.ts";

interface SelectorContext extends PollContext {
  allocate(size: number): Block;
  close(): void;
}

/** poll(2), for machines without epoll. Each call makes the kernel look at every registered source. */
export class PollSelector implements Selector {
  readonly sources: Source[] = [];
  events = new Uint8Array(64);
  readonly #context: SelectorContext;
  /** A struct pollfd for each registered source, without gaps. */
  #list: Block;
  /** The sources in the list's order. */
  readonly #registered: Source[] = [];
  readonly #interests: number[] = [];
  readonly #index = new Map<Source, number>();

  constructor(context: SelectorContext) {
    this.#context = context;
    this.#list = context.allocate(64 * POLLFD);
  }

  setInterest(source: Source, interest: number): boolean {
    const index = this.#index.get(source);
    if (interest === 0) {
      if (index !== undefined) this.#remove(source, index);
      return true;
    }
    if (index !== undefined) this.#write(index, source, interest);
    else {
      const last = this.#registered.length;
      if (last * POLLFD === this.#list.bytes.length) this.#grow();
      this.#index.set(source, last);
      this.#write(last, source, interest);
    }
    return true;
  }

  forget(source: Source): void {
    this.setInterest(source, 0);
  }

  look(source: Source, interest: number): number {
    return lookAt(this.#context, source, interest);
  }

  select(timeout: number): number {
    const { sys } = this.#context;
    const { pointer, view } = this.#list;
    const length = this.#registered.length;
    let left = timeout;
    let count: number;
    for (;;) {
      count = sys.poll(pointer, length, milliseconds(left));
      if (count !== 0 || left <= MAX_WAIT_NS || left === Infinity) break;
      left -= MAX_WAIT_NS;
    }
    let found = 0;
    // A signal (EINTR) ends the wait: count is then negative.
    for (let i = 0; found < count; i++) {
      const events = view.getInt16(i * POLLFD + REVENTS, true);
      if (events === 0) continue;
      this.sources[found] = this.#registered[i]!;
      this.events[found++] = foundEvents(events, this.#interests[i]!);
    }
    return found;
  }

  close(): void {
    this.#registered.length = 0;
    this.#index.clear();
    this.#context.close();
  }

  #write(index: number, source: Source, interest: number): void {
    const { view } = this.#list;
    const at = index * POLLFD;
    view.setInt32(at, source.id, true);
    view.setInt16(at + EVENTS, pollEvents(interest), true);
    this.#registered[index] = source;
    this.#interests[index] = interest;
  }

  /** Moves the last entry into the removed one's place. */
  #remove(source: Source, index: number): void {
    const last = this.#registered.pop()!;
    const interest = this.#interests.pop()!;
    this.#index.delete(source);
    if (last === source) return;
    this.#index.set(last, index);
    this.#write(index, last, interest);
  }

  #grow(): void {
    const larger = this.#context.allocate(this.#list.bytes.length * 2);
    larger.bytes.set(this.#list.bytes);
    this.#list = larger;
    this.events = new Uint8Array(larger.bytes.length / POLLFD);
  }
}
