import type { ServedRequest } from "../../core/http/message.ts";
import { Alarm } from "../../core/wait/alarm.ts";
import { after } from "../../core/wait/deadline.ts";
import type { Poll } from "../../core/wait/poll.ts";

/** An instance of a component that answers requests. */
export interface HandlerInstance {
  /** Answers a request. Resolves when another may come in its place. @throws what ended the guest */
  handle(request: ServedRequest): Promise<void>;
  /** Resolves when the guest has nothing more to do, or was ended. */
  finished(): Promise<void>;
  /** Ends it, whatever it is about. */
  close(): void;
}

export interface PoolOptions {
  /** How many requests are answered at once; the others wait. */
  readonly maxConcurrentRequests: number;
  /** How many requests an instance answers before another takes its place, and how many of them at once. */
  readonly maxReuse: number;
  readonly maxConcurrentReuse: number;
  /** How long an instance waits for a request, ns. */
  readonly idleTimeout: number;
}

/** An instance, with its books. */
interface Slot {
  readonly instance: HandlerInstance;
  readonly idle: Alarm;
  served: number;
  active: number;
  /** No more requests are for it. */
  retired: boolean;
}

/** The instances of a component that are there for requests: made when one is needed, and ended when they have served. */
export class InstancePool {
  readonly #poll: Poll;
  readonly #make: () => Promise<HandlerInstance>;
  readonly #failed: (request: ServedRequest, error: unknown) => void;
  readonly #options: PoolOptions;
  /** Those that can take a request, the last that was used at the end. */
  readonly #open: Slot[] = [];
  readonly #waiting: ServedRequest[] = [];
  /** Requests, and instances that go on after theirs. */
  #active = 0;
  #working = 0;
  #drained: (() => void) | undefined;

  /** @param failed A guest was ended while it had this request, or could not be made for it. */
  constructor(
    poll: Poll,
    make: () => Promise<HandlerInstance>,
    failed: (request: ServedRequest, error: unknown) => void,
    options: PoolOptions,
  ) {
    this.#poll = poll;
    this.#make = make;
    this.#failed = failed;
    this.#options = options;
  }

  handle(request: ServedRequest): void {
    if (this.#active >= this.#options.maxConcurrentRequests) this.#waiting.push(request);
    else void this.#serve(request);
  }

  /** Resolves when nothing is under way any more. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#drained = resolve;
      this.#settle();
    });
  }

  async #serve(request: ServedRequest): Promise<void> {
    this.#active++;
    try {
      await this.#answer(request, this.#open.at(-1) ?? (await this.#added()));
    } catch (error) {
      this.#failed(request, error);
    }
    this.#active--;
    const next = this.#waiting.shift();
    if (next !== undefined) void this.#serve(next);
    else this.#settle();
  }

  async #added(): Promise<Slot> {
    const instance = await this.#make();
    const idle = new Alarm(this.#poll, () => this.#retire(slot));
    const slot: Slot = { instance, idle, served: 0, active: 0, retired: false };
    this.#open.push(slot);
    return slot;
  }

  async #answer(request: ServedRequest, slot: Slot): Promise<void> {
    const { maxReuse, maxConcurrentReuse, idleTimeout } = this.#options;
    slot.served++;
    slot.active++;
    slot.idle.clear();
    if (slot.served >= maxReuse || slot.active >= maxConcurrentReuse) this.#remove(slot);
    try {
      await slot.instance.handle(request);
    } catch (error) {
      this.#remove(slot);
      slot.retired = true;
      throw error;
    } finally {
      slot.active--;
      if (slot.served >= maxReuse || slot.retired) this.#retire(slot);
      else {
        if (!this.#open.includes(slot)) this.#open.push(slot);
        if (slot.active === 0) slot.idle.set(after(this.#poll.now(), idleTimeout));
      }
    }
  }

  #remove(slot: Slot): void {
    const at = this.#open.indexOf(slot);
    if (at >= 0) this.#open.splice(at, 1);
  }

  /** It gets no more requests; when it has answered those that it has, and is done with what it does beside, it ends. */
  #retire(slot: Slot): void {
    slot.retired = true;
    this.#remove(slot);
    if (slot.active > 0) return;
    slot.idle.clear();
    this.#working++;
    void slot.instance.finished().finally(() => {
      slot.instance.close();
      this.#working--;
      this.#settle();
    });
  }

  #settle(): void {
    if (this.#active === 0 && this.#working === 0) this.#drained?.();
  }
}
