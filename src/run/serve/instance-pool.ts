import type { ServedRequest } from "../../core/http/message.ts";
import { Alarm } from "../../core/wait/alarm.ts";
import { after } from "../../core/wait/deadline.ts";
import type { Poll } from "../../core/wait/poll.ts";
import { Expired } from "./errors.ts";

/** An instance of a component that answers requests. */
export interface HandlerInstance {
  /** Answers a request. Resolves when another may come in its place. @throws what ended the guest */
  handle(request: ServedRequest): Promise<void>;
  /** Whether it takes requests: false when it was ended after it had answered. */
  readonly usable: boolean;
  /** A request that it has took too long. Ends the guest if it has no other. */
  expire(): void;
  /** Resolves when the guest has nothing more to do. @throws what ended it */
  finished(): Promise<void>;
  /** Nothing of it runs any more. */
  close(): void;
}

export interface PoolOptions {
  /** How many requests are answered at once; the others wait. */
  readonly maxRequests: number;
  /** How many requests an instance answers before another takes its place, and how many of them at once. */
  readonly maxReuse: number;
  readonly maxConcurrentReuse: number;
  /** How long an instance waits for a request, and how long a request may take, ns. */
  readonly idleTimeout: number;
  readonly requestTimeout: number;
  /** Makes an instance. @throws if it cannot be made */
  make(): Promise<HandlerInstance>;
  /** A request was not answered, or not wholly. */
  failed(request: ServedRequest, error: unknown): void;
  /** An instance was ended that had answered its requests. */
  failedAfterwards(error: unknown): void;
}

/** An instance, with its books. */
interface Slot {
  readonly instance: HandlerInstance;
  readonly idle: Alarm;
  /** Requests that it has had, and has. */
  served: number;
  active: number;
  /** It gets no more. */
  retired: boolean;
}

/** The instances of a component: made when a request needs one, and ended when they have served. */
export class InstancePool {
  readonly #poll: Poll;
  readonly #options: PoolOptions;
  /** Those that can take a request, the one used last at the end. */
  readonly #open: Slot[] = [];
  readonly #waiting: ServedRequest[] = [];
  /** Requests, and instances that go on after theirs. */
  #active = 0;
  #ending = 0;
  readonly #drained: (() => void)[] = [];

  constructor(poll: Poll, options: PoolOptions) {
    this.#poll = poll;
    this.#options = options;
  }

  handle(request: ServedRequest): void {
    if (this.#active >= this.#options.maxRequests) this.#waiting.push(request);
    else void this.#serve(request);
  }

  /** Ends the instances that wait for requests. Resolves when no other is left. */
  drain(): Promise<void> {
    for (const slot of [...this.#open]) if (slot.active === 0) this.#retire(slot);
    return new Promise((resolve) => {
      this.#drained.push(resolve);
      this.#settle();
    });
  }

  async #serve(request: ServedRequest): Promise<void> {
    this.#active++;
    try {
      await this.#answer(request, this.#usable() ?? (await this.#added()));
    } catch (error) {
      this.#options.failed(request, error);
    }
    this.#active--;
    const next = this.#waiting.shift();
    if (next !== undefined) void this.#serve(next);
    else this.#settle();
  }

  #usable(): Slot | undefined {
    for (;;) {
      const slot = this.#open.at(-1);
      if (slot === undefined || slot.instance.usable) return slot;
      this.#retire(slot);
    }
  }

  async #added(): Promise<Slot> {
    const instance = await this.#options.make();
    const idle = new Alarm(this.#poll, () => this.#retire(slot));
    const slot: Slot = { instance, idle, served: 0, active: 0, retired: false };
    return slot;
  }

  async #answer(request: ServedRequest, slot: Slot): Promise<void> {
    const { maxReuse, maxConcurrentReuse } = this.#options;
    slot.served++;
    slot.active++;
    slot.idle.clear();
    if (slot.served >= maxReuse) slot.retired = true;
    this.#place(slot, slot.active < maxConcurrentReuse);
    try {
      await this.#within(slot.instance, request);
    } catch (error) {
      slot.retired = true;
      throw error;
    } finally {
      slot.active--;
      this.#place(slot, true);
      if (slot.retired) this.#retire(slot);
      else if (slot.active === 0) slot.idle.set(after(this.#poll.now(), this.#options.idleTimeout));
    }
  }

  /** Among those that can take a request, or not. */
  #place(slot: Slot, canTake: boolean): void {
    const at = this.#open.indexOf(slot);
    const open = canTake && !slot.retired;
    if (at >= 0 && !open) this.#open.splice(at, 1);
    else if (at < 0 && open) this.#open.push(slot);
  }

  /** The instance answers the request, or has it for too long. */
  #within(instance: HandlerInstance, request: ServedRequest): Promise<void> {
    const { requestTimeout } = this.#options;
    const answered = instance.handle(request);
    if (requestTimeout === Number.POSITIVE_INFINITY) return answered;
    return new Promise((resolve, reject) => {
      const alarm = new Alarm(this.#poll, () => {
        reject(new Expired());
        instance.expire();
      });
      alarm.set(after(this.#poll.now(), requestTimeout));
      answered.then(resolve, reject).finally(() => alarm.clear());
    });
  }

  /** When it has answered the requests that it has, and has done what it does beside, it ends. */
  #retire(slot: Slot): void {
    slot.retired = true;
    this.#place(slot, false);
    if (slot.active > 0) return;
    slot.idle.clear();
    this.#ending++;
    void this.#end(slot.instance);
  }

  async #end(instance: HandlerInstance): Promise<void> {
    try {
      await instance.finished();
    } catch (error) {
      this.#options.failedAfterwards(error);
    }
    instance.close();
    this.#ending--;
    this.#settle();
  }

  #settle(): void {
    if (this.#active > 0 || this.#ending > 0) return;
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}
