import { HUNG_UP, READABLE, type Selector, type Source, WRITABLE } from "../contract.ts";
import type { Block } from "./ffi.ts";
import type { Syscalls } from "./syscalls.ts";
import { MAX_WAIT, milliseconds } from "./timeout.ts";

// struct pollfd { int fd; short events; short revents; }, and <poll.h>'s bits, which every OS shares.
const POLLFD = 8;
const POLLIN = 0x1;
const POLLOUT = 0x4;
/** POLLERR | POLLHUP | POLLNVAL. */
const POLLFAILED = 0x8 | 0x10 | 0x20;

/** poll(2): for machines without epoll. The kernel looks at every registered source in every call. */
export class PollSelector implements Selector {
  readonly sources: Source[] = [];
  events = new Uint8Array(64);
  readonly #sys: Pick<Syscalls, "poll" | "allocate">;
  /** A struct pollfd for each registered source, without gaps. */
  #list: Block;
  /** The sources in the list's order. */
  readonly #registered: Source[] = [];
  readonly #interests: number[] = [];
  readonly #index = new Map<Source, number>();

  constructor(sys: Pick<Syscalls, "poll" | "allocate">) {
    this.#sys = sys;
    this.#list = sys.allocate(64 * POLLFD);
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

  select(timeout: number): number {
    const { pointer, view } = this.#list;
    const length = this.#registered.length;
    let left = timeout;
    let count: number;
    for (;;) {
      count = this.#sys.poll(pointer, length, milliseconds(left));
      if (count !== 0 || left <= MAX_WAIT || left === Infinity) break;
      left -= MAX_WAIT;
    }
    let found = 0;
    // A signal (EINTR) ends the wait: then count is negative.
    for (let i = 0; found < count; i++) {
      const events = view.getInt16(i * POLLFD + 6, true);
      if (events === 0) continue;
      this.sources[found] = this.#registered[i]!;
      this.events[found] =
        (events & POLLFAILED) !== 0
          ? this.#interests[i]! | HUNG_UP
          : ((events & POLLIN) !== 0 ? READABLE : 0) | ((events & POLLOUT) !== 0 ? WRITABLE : 0);
      found++;
    }
    return found;
  }

  close(): void {
    this.#registered.length = 0;
    this.#index.clear();
  }

  #write(index: number, source: Source, interest: number): void {
    const { view } = this.#list;
    const at = index * POLLFD;
    view.setInt32(at, source.id, true);
    view.setInt16(
      at + 4,
      ((interest & READABLE) !== 0 ? POLLIN : 0) | ((interest & WRITABLE) !== 0 ? POLLOUT : 0),
      true,
    );
    this.#registered[index] = source;
    this.#interests[index] = interest;
  }

  /** The last entry takes the place of the one that goes. */
  #remove(source: Source, index: number): void {
    const last = this.#registered.pop()!;
    const interest = this.#interests.pop()!;
    this.#index.delete(source);
    if (last === source) return;
    this.#index.set(last, index);
    this.#write(index, last, interest);
  }

  #grow(): void {
    const larger = this.#sys.allocate(this.#list.bytes.length * 2);
    larger.bytes.set(this.#list.bytes);
    this.#list = larger;
    this.events = new Uint8Array(larger.bytes.length / POLLFD);
  }
}
