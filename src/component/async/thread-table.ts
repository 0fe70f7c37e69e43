import { unknownHandle } from "../instance/handles.ts";
import type { Thread } from "./thread.ts";

/** The threads of one component instance. Index 0 is never used. Freed indices are used again, the last freed first. */
export class ThreadTable {
  readonly #threads: (Thread | undefined)[] = [undefined];
  readonly #free: number[] = [];

  add(thread: Thread): void {
    thread.index = this.#free.pop() ?? this.#threads.length;
    this.#threads[thread.index] = thread;
  }

  /** Returns the thread at an index. @throws Trap if there is none */
  get(index: number): Thread {
    const found = this.#threads[index >>> 0];
    if (found === undefined) throw unknownHandle(index);
    return found;
  }

  remove(thread: Thread): void {
    this.#threads[thread.index] = undefined;
    this.#free.push(thread.index);
    thread.index = 0;
  }

  /** Removes all threads: the table is as it was at first. */
  clear(): void {
    this.#threads.length = 1;
    this.#free.length = 0;
  }
}
