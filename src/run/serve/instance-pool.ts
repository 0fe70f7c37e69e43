import type { ServedRequest } from "../../core/http/message.ts";
import { Alarm } from "../../core/wait/alarm.ts";
import { after } from "../../core/wait/deadline.ts";
import { Members } from "../../core/wait/members.ts";
import type { Poll } from "../../core/wait/poll.ts";
import { Expired, Unanswered } from "./errors.ts";

/** An instance of a component that answers requests. */
export interface HandlerInstance {
  /** Answers a request. Resolves when another may come in its place. @throws what ended the guest */
  handle(request: ServedRequest): Promise<void>;
  /** Whether it takes requests: false when it was ended after it had answered. */
  readonly usable: boolean;
  /** A request that it has took too long. Ends the guest if it has no other. */
  expire(): void;
  /** Ends the guest, whatever it is at: at its next wait, or in the one under way. */
  abort(reason: unknown): void;
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
  /** An instance waits for a request: without a wait of somebody's its time does not pass. */
  idle?(): void;
}

/** How long an instance that has answered may take to return before another is made, ns. */
const MOMENT = 1e6;

/** An instance, with its books. */
interface Slot {
  readonly instance: HandlerInstance;
  readonly idle: Alarm;
  /** Requests that it has had, and has. */
  served: number;
  active: number;
  /** The last of them, and the call that answers it. */
  request: ServedRequest | undefined;
  answered: Promise<void>;
  /** It gets no more. */
  retired: boolean;
}

/** The instances of a component: made when a request needs one, and ended when they have served. */
export class InstancePool {
  readonly #poll: Poll;
  readonly #options: PoolOptions;
  /** Those that can take a request, the one used last at the end. */
  readonly #open: Slot[] = [];
  /** Those that have as many as they take at once, and will take more. */
  readonly #full = new Members<Slot>();
  readonly #waiting: ServedRequest[] = [];
  readonly #active = new Members<ServedRequest>();
  /** Requests whose clients are gone, and whose guests go on: as many again as are answered at once. */
  readonly #orphans = new Members<ServedRequest>();
  /** All that have not ended. */
  readonly #instances = new Members<HandlerInstance>();
  /** The last that is being made, and how many requests are to have it. */
  #making: { readonly making: Promise<Slot>; claims: number } | undefined;
  #aborted: { readonly reason: unknown } | undefined;
  /** Instances that go on after their requests. */
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

  /** Nobody waits for its response any more: it makes room for another. */
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

  /** Instances that there are get no more requests. */
  renew(): void {
    for (const slot of [...this.#open, ...this.#full.all()]) this.#retire(slot);
  }

  /** Ends the instances that wait for requests. Resolves when no other is left. */
  drain(): Promise<void> {
    for (const slot of [...this.#open]) if (slot.active === 0) this.#retire(slot);
    return new Promise((resolve) => {
      this.#drained.push(resolve);
      this.#resolveDrained();
    });
  }

  /** Ends all instances. Requests that wait for one, or come later, fail for that reason. */
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
   * An instance whose response is whole returns at once, mostly, but its client may be faster with the next request. Returns
   * whether it was waited for.
   */
  async #returned(): Promise<boolean> {
    for (const slot of this.#full.all()) {
      if (slot.request?.complete !== true) continue;
      await new Promise<void>((resolve) => {
        const alarm = new Alarm(this.#poll, resolve);
        alarm.set(after(this.#poll.now(), MOMENT));
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

  /** One that can take a request, which has its place there from now on. */
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

  /** The instance that is being made, if it will take one more; else another. Booked. */
  async #made(): Promise<Slot> {
    const { maxReuse, maxConcurrentReuse } = this.#options;
    while (this.#making !== undefined && this.#making.claims < Math.min(maxReuse, maxConcurrentReuse)) {
      const { making } = this.#making;
      this.#making.claims++;
      // who makes it is told why it cannot be made
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

  /** @param slot Booked for it */
  async #answer(request: ServedRequest, slot: Slot): Promise<void> {
    slot.request = request;
    slot.answered = this.#within(slot.instance, request);
    try {
      await slot.answered;
    } catch (error) {
      // One that has returned without a response is as good as before.
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

  /** Among those that can take a request, or not. */
  #place(slot: Slot, canTake: boolean): void {
    const at = this.#open.indexOf(slot);
    const open = canTake && !slot.retired;
    if (at >= 0 && !open) this.#open.splice(at, 1);
    else if (at < 0 && open) this.#open.push(slot);
    if (open || slot.retired) this.#full.delete(slot);
    else this.#full.add(slot);
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
    this.#instances.delete(instance);
    this.#ending--;
    this.#resolveDrained();
  }

  #resolveDrained(): void {
    if (this.#active.size > 0 || this.#orphans.size > 0 || this.#ending > 0) return;
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}
