import { ComponentError } from "../../component/errors.ts";
import type { ComponentInstance } from "../../component/link/instantiate.ts";
import { OpenFiles } from "../../core/files/open-files.ts";
import { NEVER } from "../../core/wait/deadline.ts";
import { Aborted } from "../../core/wait/errors.ts";
import { Members } from "../../core/wait/members.ts";
import { runAsync } from "../../core/wait/steps.ts";
import type { SuspendingPoll } from "../../core/wait/suspending-poll.ts";
import type { WasiHost } from "../../wasi/host.ts";
import { yieldWhenPolled } from "../../wasi/p2/yield-when-polled.ts";
import type { interruptor } from "../../wasm/limits/interruptible.ts";
import { type ComponentOptions, checkGuest, linkGuest } from "../component.ts";
import { endReason } from "../guest-end.ts";
import type { GuestOptions } from "../options.ts";
import { wasiHost } from "../wasi-host.ts";
import { CurrentRequests } from "./current-requests.ts";
import { Expired } from "./errors.ts";
import { PrefixedSink } from "./log-stream.ts";
import type { Service } from "./service.ts";

type Handle = (...args: unknown[]) => Promise<unknown>;

/** How long an interruptible guest computes before others get a turn, ns. */
const SLICE_NS = 2e6;

/** One instance of a served component, and everything that it has open. */
export class ServedGuest {
  readonly poll: SuspendingPoll;
  readonly #service: Service;
  /** Where it is kept when it has ended. */
  readonly #guests: Guests | undefined;
  readonly #identity: InstanceIdentity;
  readonly #openFiles = new OpenFiles();
  /** Its own limiter, which knows what this instance tried to grow to. */
  readonly #limiter: GuestOptions["limiter"];
  #host: WasiHost | undefined;
  /** The time at which it is ended if it computes then, ns on the machine's clock. */
  deadline = NEVER;
  /** Whether it can be suspended while it computes. */
  interruptible = false;
  /** When it was first interrupted in this turn of the event loop, ns. */
  #busySince: number | undefined;
  #instance: ComponentInstance | undefined;
  #handle: Handle | undefined;
  /** Finds the requests that its calls are made for, if observed. */
  requests: CurrentRequests;
  /** Calls that have not returned. */
  readonly #calls = new Members<Promise<unknown>>();
  /** Whether it trapped, exited or was aborted. */
  #ended = false;

  private constructor(service: Service, id: number, guests?: Guests) {
    this.#service = service;
    this.#guests = guests;
    this.#limiter = service.options.limiter?.forAnotherGuest();
    this.requests = this.#requestsOf(id);
    this.poll = service.poll.forAnotherGuest();
    this.#identity = new InstanceIdentity(service);
  }

  /** Makes an instance. @throws as `Guests.link` */
  static async link(guests: Guests, id: number): Promise<ServedGuest> {
    const guest = new ServedGuest(guests.service, id, guests);
    try {
      guest.#identity.begin(id);
      await guest.#link();
      return guest;
    } catch (error) {
      guest.#ended = true;
      guest.close();
      throw guest.#endReason(error, "start");
    }
  }

  /** Checks whether instances can be made, as far as that is possible without making one. @throws as `checkGuest` */
  static check(service: Service): void {
    const guest = new ServedGuest(service, 0);
    try {
      const { machine, component, options } = service;
      checkGuest(wasiHost(machine, guest.poll, guest.#openFiles, options), component, options);
    } finally {
      guest.close();
    }
  }

  #requestsOf(id: number): CurrentRequests {
    return new CurrentRequests(id, () => this.#instance?.runningTask());
  }

  /** Starts the life of another guest, which gets nothing of the one before. */
  begin(id: number): void {
    this.requests = this.#requestsOf(id);
    this.#identity.begin(id);
    this.#host!.started = Math.floor(this.poll.now());
    this.#host!.insecureSeed = undefined;
    this.deadline = NEVER;
    this.#busySince = undefined;
  }

  async #link(): Promise<void> {
    const { machine, component, handler, options, patience, busy } = this.#service;
    busy?.excludeTurn();
    const interruptor = interruptorOf(this.#service);
    this.interruptible = interruptor !== undefined;
    const { env, stdout, stderr } = this.#identity;
    const own = {
      ...{ ...options, env, stdout, stderr, limiter: this.#limiter },
      ...this.#observed(),
      ...(interruptor && { instantiated: interruptor(() => this.#askToContinue(patience?.limit ?? NEVER)) }),
      // A wait of one request may be ended by the next one. A guest that traps leaves no stack of another call of its
      // instance.
      link: {
        waitGoal: "event",
        endable: component.asyncSupport !== undefined,
        interruptible: this.interruptible,
      } as const,
    };
    this.#host = wasiHost(machine, this.poll, this.#openFiles, own);
    this.#instance = await runAsync(linkGuest(this.#host, component, own, (made) => yieldWhenPolled(made, this.poll)));
    const exported = this.#instance.exports[handler] as { readonly handle: unknown };
    this.#handle = exported.handle as Handle;
    if (this.#instance.single) this.poll.onWaitEnded = busy?.guestRuns;
  }

  /** Calls its handler. @throws the error that ended the guest; ComponentError, which did not */
  async handle(...args: unknown[]): Promise<unknown> {
    this.poll.onWaitEnded?.();
    const call = this.#handle!(...args);
    this.#calls.add(call);
    try {
      return await call;
    } catch (error) {
      throw error instanceof ComponentError ? error : this.#end(error);
    } finally {
      this.#calls.delete(call);
    }
  }

  /** Returns the observers of this instance's calls. */
  #observed(): Pick<ComponentOptions, "observe"> {
    const { observe } = this.#service.options;
    const component = observe?.served?.(this.requests.of);
    return observe === undefined || component === undefined ? {} : { observe: { ...observe, component } };
  }

  /**
   * Called while the guest computes. Returns a promise if others get a turn first.
   *
   * @param limit how long it may compute, ns
   * @throws Aborted if it has computed for longer
   */
  #askToContinue(limit: number): Promise<void> | undefined {
    const now = this.poll.now();
    if (this.#busySince === undefined) {
      this.#busySince = now;
      setImmediate(() => {
        this.#busySince = undefined;
      });
    }
    const busy = now - this.#busySince;
    if (now >= this.deadline || busy >= limit) throw new Aborted(new Expired());
    return busy >= SLICE_NS && this.#instance?.mayInterrupt() === true ? this.poll.turn() : undefined;
  }

  #endReason(error: unknown, stage: "start" | "call"): unknown {
    if (error instanceof Aborted) return error.reason;
    return endReason(error, stage, { limiter: this.#limiter });
  }

  #end(error: unknown): unknown {
    this.#ended = true;
    return this.#endReason(error, "call");
  }

  /** Ends it at its next wait, or in the current one. */
  abort(reason: unknown): void {
    this.poll.abort(reason);
  }

  /** Resolves when all its calls have returned or failed. */
  async returned(): Promise<void> {
    await Promise.allSettled(this.#calls.all());
  }

  /**
   * Resolves when all its tasks have ended.
   *
   * @param goal "event": another call may come
   * @throws the error that ended one of them
   */
  async finishTasks(goal: "call" | "event"): Promise<void> {
    try {
      await this.#instance?.finishTasks(goal);
    } catch (error) {
      throw this.#end(error);
    }
  }

  /**
   * Closes everything that it has open, and keeps the instance if possible. Call it when nothing of it runs any more.
   */
  close(): void {
    this.poll.advanceAll();
    this.poll.closeAll();
    this.#openFiles.closeAll();
    if (this.#guests?.takes(this) === true && this.#reset()) this.#guests.keep(this);
  }

  /** The size of its memories, bytes. */
  get size(): number {
    return this.#instance?.size ?? 0;
  }

  /**
   * Restores its initial state. Returns whether it could: an instance that did not end by itself may have left
   * references to it.
   */
  #reset(): boolean {
    if (this.#ended || this.#calls.size > 0 || this.poll.ending || this.poll.hasOpened) return false;
    if (this.#host === undefined || this.#host.preopens.length > 0) return false;
    // The observers of its calls belong to one guest.
    if (this.#service.options.observe !== undefined) return false;
    return this.#instance?.reset() === true;
  }
}

/** Returns the function that interrupts guests that compute; undefined if they are not interrupted. */
function interruptorOf({ patience, busy }: Service): typeof interruptor | undefined {
  return patience?.interruptor ?? busy?.interruptor;
}

/** The most instances that are kept, and the most memory in them, bytes. */
const MAX_KEPT = 64;
const MAX_KEPT_BYTES = 128 * 1024 * 1024;

/** Makes the instances of a service. One that has ended is kept, in its initial state, for the next guest. */
export class Guests {
  readonly service: Service;
  readonly #kept: ServedGuest[] = [];
  #size = 0;

  constructor(service: Service) {
    this.service = service;
  }

  /**
   * Makes the instance with that number.
   *
   * @throws as `linkGuest`, and the error that ended its start functions
   */
  async link(id: number): Promise<ServedGuest> {
    const kept = this.#kept.pop();
    this.#size -= kept?.size ?? 0;
    kept?.begin(id);
    return kept ?? ServedGuest.link(this, id);
  }

  /** Returns whether it has the code of current instances, and there is room for it. */
  takes({ size, interruptible }: ServedGuest): boolean {
    if (interruptible !== (interruptorOf(this.service) !== undefined)) return false;
    return this.#kept.length < MAX_KEPT && this.#size + size <= MAX_KEPT_BYTES;
  }

  /** Drops the kept instances. */
  forget(): void {
    this.#kept.length = 0;
    this.#size = 0;
  }

  keep(guest: ServedGuest): void {
    this.#size += guest.size;
    this.#kept.push(guest);
  }
}

/** The environment and output of one instance. */
class InstanceIdentity {
  readonly env: (readonly [string, string])[];
  readonly stdout: PrefixedSink;
  readonly stderr: PrefixedSink;
  readonly #prefixes: boolean;

  constructor({ options, prefixes, stdout, stderr }: Service) {
    this.env = [...options.env, ["INSTANCE_ID", ""]];
    this.stdout = new PrefixedSink(stdout);
    this.stderr = new PrefixedSink(stderr);
    this.#prefixes = prefixes;
  }

  /** Sets the instance's number. */
  begin(id: number): void {
    this.env[this.env.length - 1] = ["INSTANCE_ID", `${id}`];
    this.stdout.begin(this.#prefixes ? `stdout [${id}] :: ` : "");
    this.stderr.begin(this.#prefixes ? `stderr [${id}] :: ` : "");
  }
}
