import { WebExchange, type WebServer } from "../core/http/web/exchange.ts";
import { Condition } from "../core/wait/condition.ts";
import { after, fromU64, NEVER } from "../core/wait/deadline.ts";
import type { SuspendingPoll } from "../core/wait/suspending-poll.ts";
import type { SuspendingMachine } from "../machine/machine.ts";
import type { NetFamily } from "../machine/machines.ts";
import { ServerEnded } from "../run/serve/errors.ts";
import type { InstancePool } from "../run/serve/instance-pool.ts";
import type { GuestsOptions } from "../run/serve/serve-component.ts";
import { checkOptions, type OptionNames } from "./check-options.ts";
import type { CompiledComponent } from "./compile.ts";
import { createSuspendingMachine, createWebMachine } from "./machine.ts";
import { gracePeriodOf, guestsOptions, type Serving, type ServingOptions, servingNames, servingOf } from "./serving.ts";
import type { ComponentSource } from "./source.ts";
import { Streams } from "./stdio.ts";

/** Options of `handler`. Sizes are bytes, times ms. */
export interface HandlerOptions extends ServingOptions {
  /**
   * Whose sockets guests use: libc's, the runtime's own, or none. Unless given, none for guests that are given neither `network`
   * nor `preopens`, and otherwise libc's where they can be had. With none, all that is asked of the runtime is what browsers'
   * workers have, too; what `inherit`s goes to the console, line by line.
   */
  readonly net?: NetFamily | "none";
}

const names: OptionNames<HandlerOptions> = { ...servingNames, net: true };

/** What answers requests, for any server that speaks in `Request` and `Response`. */
export interface Handler extends AsyncDisposable {
  /** Rejects with a TypeError if the request's body was read already, and for nothing else. */
  (request: Request): Promise<Response>;
  /**
   * Answers no more requests but with 503, lets those that are under way finish within the grace period, and ends the others.
   * Resolves when no guest is left.
   */
  close(): Promise<void>;
}

/**
 * Makes of a component that exports `wasi:http/incoming-handler` 0.2 or `wasi:http/handler` 0.3 a function from a `Request` to its
 * `Response`, as Bun.serve, Deno.serve, Hono, service workers and, with a few lines between, node:http have it. Bodies are streamed
 * both ways with backpressure; when the request's `signal` is aborted, or the response's body cancelled, the guest is told that its
 * client is gone.
 *
 * What the Fetch API cannot carry is lost: trailers both ways, interim responses (103), the target as it was sent. Fields that
 * repeat are joined, save `set-cookie`. A guest's status that no `Response` can have (below 200, above 599) is answered with 500
 * and the reason. Bodies of HEAD, 204, 205 and 304 are dropped. A guest that fails is answered for with 500, or its body fails.
 *
 * @param source The component, or where it is
 * @param options What its guests are given, and limits
 * @returns The function, which is to be closed when no more requests come
 * @example
 * ```ts
 * import { handler } from "pollux";
 *
 * await using answer = await handler("http/serve-hello.wasm");
 * const response = await answer(new Request("http://localhost/"));
 * console.log((await response.text()).trim()); // Hello, World!
 * // Bun.serve({ fetch: answer }); Deno.serve(answer); app.all("*", (c) => answer(c.req.raw));
 * ```
 * @throws as `serve`, save for what that throws of its listening
 */
export async function handler(
  source: ComponentSource | CompiledComponent,
  options: HandlerOptions = {},
): Promise<Handler> {
  checkOptions("handler", options, names);
  const serving = await servingOf(source, options);
  options.signal?.throwIfAborted();
  const machine = await machineFor(options);
  const streams = new Streams();
  try {
    const guests = await guestsOf(machine, serving, options, streams);
    const close = (): Promise<void> => guests.close();
    return Object.assign((request: Request) => guests.answer(request), { close, [Symbol.asyncDispose]: close });
  } catch (error) {
    streams[Symbol.dispose]();
    machine.selector.close();
    throw error;
  }
}

function machineFor({ net, network, preopens }: HandlerOptions): Promise<SuspendingMachine> {
  const isClosed = network === undefined && preopens === undefined;
  if (net === "none" || (net === undefined && isClosed)) return createWebMachine();
  return createSuspendingMachine(net);
}

async function guestsOf(
  machine: SuspendingMachine,
  serving: Serving,
  options: HandlerOptions,
  streams: Streams,
): Promise<Guests> {
  const [{ SuspendingPoll }, { poolOf, serviceOf }, { ServedGuest }] = await Promise.all([
    import("../core/wait/suspending-poll.ts"),
    import("../run/serve/serve-component.ts"),
    import("../run/serve/served-guest.ts"),
  ]);
  const poll = new SuspendingPoll(machine);
  const given = await guestsOptions(machine, serving, options, streams);
  const service = await serviceOf(machine, poll, serving.served, given);
  ServedGuest.check(service);
  const events = { ...given.events, idle: () => void guests.tend() };
  const pool = await poolOf(service, serving.served, { ...given, events });
  const guests = new Guests(machine, poll, pool, streams, given, options);
  return guests;
}

/** How long guests may take to end that were told to, ns. */
const ABORT_WAIT_NS = 1e9;

/** The guests behind a handler. */
class Guests {
  readonly #poll: SuspendingPoll;
  readonly #pool: InstancePool;
  readonly #streams: Streams;
  readonly #server: WebServer & { readonly machine: SuspendingMachine };
  /** ns */
  readonly #grace: number;
  readonly #idleTimeout: number;
  readonly #signal: AbortSignal | undefined;
  readonly #aborted = Promise.withResolvers<void>();
  readonly #onAbort = (): void => {
    this.#aborted.resolve();
    void this.close();
  };
  #tending = false;
  #closed: Promise<void> | undefined;

  constructor(
    machine: SuspendingMachine,
    poll: SuspendingPoll,
    pool: InstancePool,
    streams: Streams,
    { reuse, events }: GuestsOptions,
    options: HandlerOptions,
  ) {
    this.#poll = poll;
    this.#pool = pool;
    this.#streams = streams;
    const { maxBodySize = Number.POSITIVE_INFINITY, signal } = options;
    this.#server = {
      machine,
      poll,
      maxBodySize,
      uncarried: events.failed,
      abandoned: (exchange) => pool.abandoned(exchange),
    };
    this.#grace = fromU64(gracePeriodOf(options));
    this.#idleTimeout = fromU64(reuse.idleTimeout);
    this.#signal = signal;
    signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  async answer(request: Request): Promise<Response> {
    if (this.#closed !== undefined) return new Response("the handler was closed\n", { status: 503 });
    const exchange = new WebExchange(request, this.#server);
    if (!exchange.complete) this.#pool.handle(exchange);
    return exchange.response;
  }

  /** Waits, as nobody else may, for the time at which instances end that wait for requests. */
  async tend(): Promise<void> {
    if (this.#tending || this.#idleTimeout === NEVER) return;
    this.#tending = true;
    const clock = this.#poll.forAnotherGuest();
    while (this.#pool.idle && this.#closed === undefined) await this.#passed(clock, this.#idleTimeout);
    clock.closeAll();
    this.#tending = false;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const clock = this.#poll.forAnotherGuest();
    try {
      await Promise.race([this.#pool.drain(), this.#passed(clock, this.#grace), this.#aborted.promise]);
      this.#pool.abort(new ServerEnded());
      await Promise.race([this.#pool.drain(), this.#passed(clock, ABORT_WAIT_NS)]);
      await this.#streams.finish();
    } finally {
      this.#signal?.removeEventListener("abort", this.#onAbort);
      clock.closeAll();
      this.#poll.advanceAll();
      this.#poll.closeAll();
      this.#server.machine.selector.close();
      this.#streams[Symbol.dispose]();
    }
  }

  async #passed(clock: SuspendingPoll, ns: number): Promise<void> {
    await clock.block(Condition.timer(after(clock.now(), ns)));
  }
}
