import { NEVER } from "../core/wait/deadline.ts";
import type { Netpoll, Pollable } from "./netpoll.ts";

/** Calls between two turns of the event loop. */
const BURST = 64;

/**
 * Parks calls and, while there are any, waits in the netpoll for the first of them or the next deadline. It is the wait that
 * keeps the program alive: one in which nothing is parked may end.
 */
export class Scheduler {
  readonly netpoll: Netpoll;
  #parked = 0;
  #burst = 0;
  /** Work for the loop's next turn. */
  #turns: (() => void)[] = [];
  #running = false;

  constructor(netpoll: Netpoll) {
    this.netpoll = netpoll;
  }

  now(): number {
    return this.netpoll.machine.now();
  }

  /** The call is woken when what it waits for is ready or its deadline has passed: it must then be `unpark`ed. */
  park(call: Pollable): void {
    this.#parked++;
    this.netpoll.add(call);
    this.#start();
  }

  unpark(): void {
    if (--this.#parked === 0) this.netpoll.interrupt();
  }

  /**
   * Whether the event loop has had no turn for so many calls that the next one should wait for it: else nothing but them runs.
   */
  overdue(): boolean {
    return ++this.#burst > BURST;
  }

  /** Resolves when the event loop has had a turn. */
  turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#turns.push(resolve);
      this.netpoll.interrupt();
      this.#start();
    });
  }

  #start(): void {
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      while (this.#parked > 0 || this.#turns.length > 0) {
        await this.netpoll.pollIO(this.#turns.length > 0 ? 0 : NEVER);
        await this.netpoll.turn();
        this.#burst = 0;
        for (const resume of this.#turns.splice(0)) resume();
      }
    } finally {
      this.#running = false;
    }
  }
}
