import process from "node:process";
import { setInterval, setTimeout } from "node:timers";
import { OutOfResources } from "../../../machine/out-of-resources.ts";
import { nextTask } from "../../process/next-task.ts";
import { startWorker } from "../../process/worker.ts";
import type { PosixContext } from "../libc/context.ts";
import type { Allowance } from "../libc/descriptors.ts";
import type { Block } from "../libc/ffi.ts";
import {
  EPOLL_CTL_ADD,
  EPOLL_CTL_MOD,
  EPOLLIN,
  EPOLLONESHOT,
  type EpollCalls,
  fdsOf,
  type Syscalls,
} from "../libc/syscalls.ts";

/** The most guests that can be suspended in one process: each has an epoll fd in addition to its sockets. */
const MAX_GUESTS = 16384;

/** How long a guest waits at a time while there are too few descriptors for the thread, ms. */
const NO_THREAD_WAIT_MS = 10;

/** In place of a slot: tells the thread to end. */
export const STOP = 0xffff_ffff;

/** The data that the thread is started with. */
export interface WaiterData {
  /** The fd of an epoll whose members are the guests' epolls, each with its slot as data. */
  readonly epoll: number;
  /** One counter per guest. The thread increments it, and notifies, when that guest's epoll has an event. */
  readonly slots: Int32Array<SharedArrayBuffer>;
}

/**
 * One thread for all suspended guests of the process. It sleeps in epoll_wait(2) on their epoll fds, and wakes this
 * thread with Atomics.notify. It starts with the first wait, keeps no process alive, and ends with the process.
 *
 * A guest's epoll is armed for one event at a time (EPOLLONESHOT), so a guest that is busy, or not waiting, wakes no
 * one.
 *
 * While the process has too few descriptors for a thread, the event loop checks every 10 ms instead.
 */
export class Waiter {
  readonly #sys: Syscalls;
  readonly #calls: EpollCalls;
  readonly #descriptors: Allowance;
  readonly #event: Block;
  readonly #thread: string;
  readonly #epoll: number;
  readonly #slots = new Int32Array(new SharedArrayBuffer(MAX_GUESTS * 4));
  readonly #free: number[] = [];
  #used = 0;
  #started = false;
  #waiting = 0;
  /** Keeps the event loop alive during a wait, which a pending Atomics.waitAsync does not. */
  readonly #alive = setInterval(() => {}, 2 ** 30).unref();

  /** @throws OutOfResources */
  constructor({ sys, descriptors }: PosixContext, calls: EpollCalls, thread: string) {
    this.#sys = sys;
    this.#calls = calls;
    this.#descriptors = descriptors;
    this.#thread = thread;
    this.#event = sys.allocate(calls.eventSize);
    this.#epoll = calls.create();
    if (this.#epoll < 0) throw new OutOfResources("epoll_create1", sys.strerror(-this.#epoll));
  }

  /** Adds a guest's epoll. Returns its slot; undefined if there is none left, or no room for it in the kernel. */
  add(epoll: number): number | undefined {
    if (this.#free.length === 0 && this.#used < MAX_GUESTS) this.#free.push(this.#used++);
    const slot = this.#free.pop();
    if (slot === undefined || this.#control(EPOLL_CTL_ADD, epoll, EPOLLONESHOT, slot)) return slot;
    this.#free.push(slot);
    return undefined;
  }

  /** Frees a slot. Closing the guest's epoll removes it from the thread's. */
  remove(slot: number): void {
    this.#free.push(slot);
  }

  /**
   * Resolves, in a later task: to false when the guest's epoll has an event, or at `wake`; to true after `timeout` ms
   * (Infinity: never).
   */
  async wait(slot: number, epoll: number, timeout: number): Promise<boolean> {
    const seen = Atomics.load(this.#slots, slot);
    this.#control(EPOLL_CTL_MOD, epoll, EPOLLIN | EPOLLONESHOT, slot);
    this.#started ||= this.#start();
    if (!this.#started) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(timeout, NO_THREAD_WAIT_MS)));
      return false;
    }
    const wait = Atomics.waitAsync(this.#slots, slot, seen, timeout);
    if (!wait.async) {
      await nextTask();
      return false;
    }
    if (this.#waiting++ === 0) this.#alive.ref();
    const end = await wait.value;
    if (--this.#waiting === 0) this.#alive.unref();
    return end === "timed-out";
  }

  wake(slot: number): void {
    Atomics.add(this.#slots, slot, 1);
    Atomics.notify(this.#slots, slot);
  }

  #control(operation: number, fd: number, events: number, data: number): boolean {
    const { view, pointer } = this.#event;
    view.setUint32(0, events, true);
    view.setUint32(this.#calls.dataOffset, data, true);
    return this.#calls.control(this.#epoll, operation, fd, pointer) >= 0;
  }

  /**
   * Starts the thread. The runtime joins it when the process exits: closing a pipe that it also watches ends its sleep.
   *
   * @returns whether there are descriptors for it
   */
  #start(): boolean {
    const fds = this.#sys.allocate(8);
    if (!this.#descriptors.forThread || this.#sys.pipe(fds) < 0) return false;
    const [reading, writing] = fdsOf(fds);
    if (!this.#control(EPOLL_CTL_ADD, reading, EPOLLIN, STOP)) {
      this.#sys.close(reading);
      this.#sys.close(writing);
      return false;
    }
    process.once("exit", () => this.#sys.close(writing));
    const workerData: WaiterData = { epoll: this.#epoll, slots: this.#slots };
    // Node's own arguments concern the main program (--input-type refuses a worker that is a file).
    const worker = startWorker(this.#thread, { workerData, execArgv: [] });
    worker.unref();
    worker.on("error", (error) => {
      throw error;
    });
    return true;
  }
}
