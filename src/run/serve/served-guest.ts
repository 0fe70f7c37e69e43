import { ComponentError } from "../../component/errors.ts";
import type { ComponentInstance } from "../../component/link/instantiate.ts";
import { Recycled } from "../../component/link/recycling.ts";
import { suspending } from "../../component/link/suspending.ts";
import { OpenFiles } from "../../core/files/open-files.ts";
import { NEVER } from "../../core/wait/deadline.ts";
import { Aborted } from "../../core/wait/errors.ts";
import { settle } from "../../core/wait/steps.ts";
import type { SuspendingPoll } from "../../core/wait/suspending-poll.ts";
import { givingWay } from "../../wasi/p2/giving-way.ts";
import { type ComponentOptions, checkGuest, linkGuest } from "../component.ts";
import { endOf } from "../end.ts";
import { wasiHost } from "../wasi-host.ts";
import { CurrentRequests } from "./current-requests.ts";
import { Expired } from "./errors.ts";
import { PrefixedSink } from "./log-stream.ts";
import type { Service } from "./service.ts";

type Handle = (...args: unknown[]) => Promise<unknown>;

/** One instance of a served component, with what it has opened. */
export class ServedGuest {
  readonly poll: SuspendingPoll;
  readonly #service: Service;
  readonly #recycled: Recycled;
  readonly #openFiles = new OpenFiles();
  /** When it is ended if it computes then, ns on the machine's clock. */
  deadline = NEVER;
  /** When it was first asked in this turn of the event loop, ns. */
  #busySince: number | undefined;
  #instance: ComponentInstance | undefined;
  #handle: Handle | undefined;
  /** What its calls are made for, where somebody wants to know. */
  readonly requests: CurrentRequests;
  /** Calls that have not returned. */
  readonly #calls = new Set<Promise<unknown>>();
  /** It trapped, exited or was aborted. */
  #ended = false;

  private constructor(service: Service, id: number) {
    this.#service = service;
    this.requests = new CurrentRequests(id, () => this.#instance?.runningTask());
    this.poll = service.poll.beside();
    this.#recycled = new Recycled(service.recycler, suspending);
  }

  /**
   * Makes the instance of that number.
   *
   * @throws as `linkGuest`, and what ended its start functions
   */
  static async link(service: Service, id: number): Promise<ServedGuest> {
    const guest = new ServedGuest(service, id);
    try {
      await guest.#link(id);
      return guest;
    } catch (error) {
      guest.#ended = true;
      guest.close();
      throw endOf(error, "start", service.options);
    }
  }

  /** Whether instances can be made, as far as can be told before there is one. @throws as `checkGuest` */
  static check(service: Service): void {
    const guest = new ServedGuest(service, 0);
    try {
      const { machine, component, options } = service;
      checkGuest(wasiHost(machine, guest.poll, guest.#openFiles, options), component, options);
    } finally {
      guest.close();
    }
  }

  async #link(id: number): Promise<void> {
    const { machine, component, handler, options } = this.#service;
    const own = {
      ...options,
      ...ownOptions(this.#service, id),
      ...this.#interrupts(),
      ...this.#observed(),
      recycled: this.#recycled,
    };
    const host = wasiHost(machine, this.poll, this.#openFiles, own);
    this.#instance = await settle(linkGuest(host, component, own, (made) => givingWay(made, this.poll)));
    const exported = this.#instance.exports[handler] as { readonly handle: unknown };
    this.#handle = exported.handle as Handle;
  }

  /** Calls its handler. @throws what ended the guest; ComponentError, which has not */
  async handle(...args: unknown[]): Promise<unknown> {
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

  /** Whoever is told of its calls is told what for. */
  #observed(): Pick<ComponentOptions, "observe"> {
    const { observe } = this.#service.options;
    const component = observe?.served?.(this.requests.of);
    return observe === undefined || component === undefined ? {} : { observe: { ...observe, component } };
  }

  /** It is asked while it computes. */
  #interrupts(): Pick<ComponentOptions, "instantiated"> {
    const { patience } = this.#service;
    return patience === undefined ? {} : { instantiated: patience.interruptor.for(() => this.#goOn(patience.limit)) };
  }

  /** @throws Aborted if it has computed for too long, ns */
  #goOn(limit: number): void {
    const now = this.poll.now();
    if (this.#busySince === undefined) {
      this.#busySince = now;
      setImmediate(() => {
        this.#busySince = undefined;
      });
    }
    if (now >= this.deadline || now - this.#busySince >= limit) throw new Aborted(new Expired());
  }

  #end(error: unknown): unknown {
    this.#ended = true;
    return error instanceof Aborted ? error.reason : endOf(error, "call", this.#service.options);
  }

  /** Ends it at its next wait, or in the one under way. */
  abort(reason: unknown): void {
    this.poll.abort(reason);
  }

  /** Resolves when all its calls have returned, or failed. */
  async returned(): Promise<void> {
    await Promise.allSettled(this.#calls);
  }

  /** Resolves when all its tasks have ended. @throws what ended one of them */
  async finishTasks(): Promise<void> {
    try {
      await this.#instance?.finishTasks();
    } catch (error) {
      throw this.#end(error);
    }
  }

  /** When nothing of it runs any more. */
  close(): void {
    this.poll.advanceAll();
    this.poll.closeAll();
    this.#openFiles.closeAll();
    // what did not come to its own end may have left something behind that still knows them
    if (!this.#ended && this.#calls.size === 0) this.#recycled.giveBack();
  }
}

/** What an instance has for itself. */
function ownOptions(
  { options, prefixes, stdout, stderr }: Service,
  id: number,
): Pick<ComponentOptions, "env" | "stdout" | "stderr"> {
  return {
    env: [...options.env, ["INSTANCE_ID", `${id}`]],
    stdout: new PrefixedSink(stdout, prefixes ? `stdout [${id}] :: ` : ""),
    stderr: new PrefixedSink(stderr, prefixes ? `stderr [${id}] :: ` : ""),
  };
}
