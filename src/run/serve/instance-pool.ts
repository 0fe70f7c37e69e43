import type { ServedRequest } from "../../core/http/message.ts";
import { Alarm } from "../../core/wait/alarm.ts";
import { after } from "../../core/wait/deadline.ts";
import { Members } from "../../core/wait/members.ts";
import type { Poll } from "../../core/wait/poll.ts";
import { Expired, Unanswered } from "./errors.ts";

/** An instance of a component that handles requests. */
export interface HandlerInstance {
  /** Handles a request. Resolves when the instance can take another one. @throws the error that ended the guest */
  handle(request: ServedRequest): Promise<void>;
  /** Whether it takes requests: false if the guest ended after it had responded. */
  readonly usable: boolean;
  /** Reports that one of its requests took too long. Ends the guest if it has no other. */
  expire(): void;
  /** Ends the guest at its next wait, or in the current one. */
  abort(reason: unknown): void;
  /** Resolves when the guest has nothing more to do. @throws the error that ended it */
  finished(): Promise<void>;
  /** Called when nothing of it runs any more. */
  close(): void;
}

export interface PoolOptions {
  /** The most requests in progress at once; the others wait. */
  readonly maxRequests: number;
  /** How many requests an instance handles before it is replaced, and how many of them at once. */
  readonly maxReuse: number;
  readonly maxConcurrentReuse: number;
  /** How long an instance waits for a request, and how long a request may take, ns. */
  readonly idleTimeout: number;
  readonly requestTimeout: number;
  /** Makes an instance. @throws if it cannot be made */
  make(): Promise<HandlerInstance>;
  /** Called when a request got no response, or an incomplete one. */
  failed(request: ServedRequest, error: unknown): void;
  /** Called when an instance ended with an error after it had responded to its requests. */
  failedAfterwards(error: unknown): void;
  /** Called when an instance waits for a request: its idle time only passes while something waits on the poll. */
  idle?(): void;
}

/** How long an instance that has responded may take to return before another is made, ns. */
const RETURN_WAIT_NS = 1e6;

/** An instance and its request counts. */
interface Slot {
  readonly instance: HandlerInstance;
  readonly idle: Alarm;
  /** How many requests it has had, and has now. */
  served: number;
  active: number;
  /** Its last request, and the call that handles it. */
  request: ServedRequest | undefined;
  answered: Promise<void>;
  /** Whether it gets no more requests. */
  retired: boolean;
}

/** The instances of a component: made when a request needs one, and ended after their last request. */
export class InstancePool {
  readonly #poll: Poll;
  readonly #options: PoolOptions;
  /** Those that can take a request; the most recently used is last. */
  readonly #open: Slot[] = [];
  /** Those that have as many requests as they can take at once, but will take more. */
  readonly #full = new Members<Slot>();
  readonly #waiting: ServedRequest[] = [];
  readonly #active = new Members<ServedRequest>();
  /** Requests in progress whose clients are gone: at most `maxRequests` more. */
  readonly #orphans = new Members<ServedRequest>();
  /** All that have not ended. */
  readonly #instances = new Members<HandlerInstance>();
  /** The instance that is being made, and how many requests wait for it. */
  #making: { readonly making: Promise<Slot>; claims: number } | undefined;
  #aborted: { readonly reason: unknown } | undefined;
  /** How many instances continue after their requests. */
  #ending = 0;
  readonly #drained: (() => void)[] = [];

  constructor(poll: Poll, options: PoolOptions) {
    this.#poll = poll;
    this.#options = options;
  }

  /** Whether an instance waits for a request. */
  get idle(): boolean {
    return this.#open.some(({ active }) => active === 0);
  }

  handle(request: ServedRequest): void {
    if (this.#active.size >= this.#options.maxRequests) this.#waiting.push(request);
    else void this.#serve(request);
  }

  /** Called when a request's client is gone: it makes room for another request. */
  abandoned(request: ServedRequest): void {
    const waits = this.#waiting.indexOf(request);
    if (waits >= 0) {
      this.#waiting.splice(waits, 1);
      return;
    }
    if (this.#orphans.size >= this.#options.maxRequests || !this.#active.delete(request)) return;
    this.#orphans.add(request);
    this.#serveNext();
  }

  /** Retires all instances: they get no more requests. */
  renew(): void {
    for (const slot of [...this.#open, ...this.#full.all()]) this.#retire(slot);
  }

  /** Ends the instances that wait for requests. Resolves when none is left. */
  drain(): Promise<void> {
    for (const slot of [...this.#open]) if (slot.active === 0) this.#retire(slot);
    return new Promise((resolve) => {
      this.#drained.push(resolve);
      this.#resolveDrained();
    });
  }

  /** Ends all instances. Waiting and later requests fail with that reason. */
  abort(reason: unknown): void {
    this.#aborted ??= { reason };
    for (const instance of this.#instances.all()) instance.abort(reason);
  }

  async #serve(request: ServedRequest): Promise<void> {
    this.#active.add(request);
    try {
      if (this.#aborted !== undefined) throw this.#aborted.reason;
      let slot = this.#booked();
      if (slot === undefined && this.#full.size > 0 && (await this.#returned())) slot = this.#booked();
      await this.#answer(request, slot ?? (await this.#made()));
    } catch (error) {
      this.#options.failed(request, error);
    }
    if (!this.#active.delete(request)) this.#orphans.delete(request);
    this.#serveNext();
    this.#resolveDrained();
  }

  #serveNext(): void {
    if (this.#active.size >= this.#options.maxRequests) return;
    const next = this.#waiting.shift();
    if (next !== undefined) void this.#serve(next);
  }

  /**
   * Waits a moment for a busy instance to return. One whose response is complete mostly returns at once, but its client
   * may be faster with the next request. Returns whether one was waited for.
   */
  async #returned(): Promise<boolean> {
    for (const slot of this.#full.all()) {
      if (slot.request?.complete !== true) continue;
      await new Promise<void>((resolve) => {
        // If this process got no time itself, the instance returns in the same turn.
        const alarm = new Alarm(this.#poll, () => void Promise.resolve(this.#poll.turn()).then(resolve));
        alarm.set(after(this.#poll.now(), RETURN_WAIT_NS));
        const done = () => {
          alarm.clear();
          resolve();
        };
        slot.answered.then(done, done);
      });
      return true;
    }
    return false;
  }

  /** Returns an instance that can take a request, and books it. */
  #booked(): Slot | undefined {
    for (;;) {
      const slot = this.#open.at(-1);
      if (slot === undefined) return undefined;
      if (slot.instance.usable) {
        this.#book(slot);
        return slot;
      }
      this.#retire(slot);
    }
  }

  #book(slot: Slot): void {
    const { maxReuse, maxConcurrentReuse } = this.#options;
    slot.served++;
    slot.active++;
    slot.idle.clear();
    if (slot.served >= maxReuse) slot.retired = true;
    this.#place(slot, slot.active < maxConcurrentReuse);
  }

  /** Returns the instance that is being made, if it will take one more request; otherwise another. It is booked. */
  async #made(): Promise<Slot> {
    const { maxReuse, maxConcurrentReuse } = this.#options;
    while (this.#making !== undefined && this.#making.claims < Math.min(maxReuse, maxConcurrentReuse)) {
      const { making } = this.#making;
      this.#making.claims++;
      // The request that makes it reports why it could not be made.
      await making.catch(() => {});
      const slot = this.#booked();
      if (slot !== undefined) return slot;
    }
    const making = this.#added();
    const made = { making, claims: 1 };
    this.#making = made;
    try {
      return await making;
    } finally {
      if (this.#making === made) this.#making = undefined;
    }
  }

  async #added(): Promise<Slot> {
    const instance = await this.#options.make();
    this.#instances.add(instance);
    if (this.#aborted !== undefined) instance.abort(this.#aborted.reason);
    const idle = new Alarm(this.#poll, () => this.#retire(slot));
    const answered = Promise.resolve();
    const slot: Slot = { instance, idle, served: 0, active: 0, request: undefined, answered, retired: false };
    this.#book(slot);
    return slot;
  }

  /** Handles a request. @param slot booked for it */
  async #answer(request: ServedRequest, slot: Slot): Promise<void> {
    slot.request = request;
    slot.answered = this.#within(slot.instance, request);
    try {
      await slot.answered;
    } catch (error) {
      // An instance that returned without a response can still be used.
      if (!(error instanceof Unanswered)) slot.retired = true;
      throw error;
    } finally {
      slot.active--;
      this.#place(slot, true);
      if (slot.retired) this.#retire(slot);
      else if (slot.active === 0) this.#idle(slot);
    }
  }

  #idle({ idle }: Slot): void {
    idle.set(after(this.#poll.now(), this.#options.idleTimeout));
    this.#options.idle?.();
  }

  /** Moves it to the instances that can take a request, or away from them. */
  #place(slot: Slot, canTake: boolean): void {
    const at = this.#open.indexOf(slot);
    const open = canTake && !slot.retired;
    if (at >= 0 && !open) this.#open.splice(at, 1);
    else if (at < 0 && open) this.#open.push(slot);
    if (open || slot.retired) this.#full.delete(slot);
    else this.#full.add(slot);
  }

  /** Handles the request; rejects if that takes too long. */
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

  /** Retires an instance: it ends after its current requests and its remaining work. */
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
    this.#instances.delete(instance);
    this.#ending--;
    this.#resolveDrained();
  }

  #resolveDrained(): void {
    if (this.#active.size > 0 || this.#orphans.size > 0 || this.#ending > 0) return;
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}
