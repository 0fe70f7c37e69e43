import { NEVER } from "../core/wait/deadline.ts";
import type { Netpoll, Pollable } from "./netpoll.ts";

/** How many calls may complete between two turns of the event loop. */
const MAX_CALLS_PER_TURN = 64;

/**
 * Parks calls and, while there are any, waits in the netpoll for the first to be ready or due. This wait keeps the
 * program alive; without parked calls the program may end.
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

  /** Parks a call. It is woken when its subject is ready or its deadline has passed, and must then be `unpark`ed. */
  park(call: Pollable): void {
    this.#parked++;
    this.netpoll.add(call);
    this.#start();
  }

  unpark(): void {
    if (--this.#parked === 0) this.netpoll.interrupt();
  }

  /**
   * Counts a call. Returns whether so many calls have completed without a turn of the event loop that the next one
   * should wait for a turn: otherwise nothing else would run.
   */
  overdue(): boolean {
    return ++this.#burst > MAX_CALLS_PER_TURN;
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
