import { MAX_FIELDS_SIZE } from "../../core/http/fields.ts";
import type { ServedRequest } from "../../core/http/message.ts";
import { HttpServer, type HttpServerOptions } from "../../core/http/server/server.ts";
import { Condition } from "../../core/wait/condition.ts";
import { after, fromU64, NEVER } from "../../core/wait/deadline.ts";
import type { Blocking } from "../../core/wait/poll.ts";
import { SuspendingPoll } from "../../core/wait/suspending-poll.ts";
import type { SuspendingMachine } from "../../machine/machine.ts";
import { READABLE } from "../../machine/selector.ts";
import type { TcpHandle } from "../../machine/sockets.ts";
import type { ByteSink } from "../../machine/streams.ts";
import { wrap } from "../../machine/wrap.ts";
import type { Observers } from "../options.ts";
import { BusyGuests } from "./busy-guests.ts";
import { respondWithError } from "./error-page.ts";
import { ServerEnded } from "./errors.ts";
import { instanceMaker } from "./handlers.ts";
import { InstancePool, type PoolOptions } from "./instance-pool.ts";
import { type Listening, listenOn } from "./listen.ts";
import { LogStream } from "./log-stream.ts";
import { ObservedRequest } from "./observed-request.ts";
import type { ServeComponent, ServedComponent, ServeOptions, ServerEvents, ServerLimits } from "./options.ts";
import { Guests, ServedGuest } from "./served-guest.ts";
import type { Service } from "./service.ts";

/** How long aborted guests may take to end, ns. */
const ABORT_WAIT_NS = 1e9;

/** Serves a component over HTTP until it is asked to end. */
export const serveComponent: ServeComponent = async (machine, served, options) => {
  const poll = new SuspendingPoll(machine);
  const clock = poll.forAnotherGuest();
  try {
    const service = await serviceOf(machine, poll, served, options);
    ServedGuest.check(service);
    const pool = await poolOf(service, served, options);
    const { stop, listeners } = await poll.run(listen(machine, poll, options));
    const { limits, shutdown, abort, events, guest } = options;
    const server = new HttpServer({
      machine,
      poll,
      listeners: listeners.map((listener) => reportConnections(listener, guest.observe?.connected)),
      limits: {
        maxConnections: limits.maxConnections,
        maxHeaderFields: limits.maxHeaders,
        maxHeadSize: limits.maxHeaderSize,
        headTimeout: fromU64(limits.headerTimeout),
        idleTimeout: fromU64(limits.idleTimeout),
        bodyTimeout: fromU64(limits.idleTimeout),
        writeTimeout: fromU64(limits.idleTimeout),
        ...(limits.maxBodySize === undefined ? {} : { maxBodySize: limits.maxBodySize }),
      },
      ...requestSink(pool, guest.observe),
    });
    const running = server.run();
    events.serving?.();
    const grace = fromU64(options.gracePeriod);
    const stopped = stop === undefined ? [] : [connected(clock, stop).then(() => events.shutdownAsked?.())];
    const asked = Promise.race([aborted(shutdown), ...stopped]);
    const left = options.handOver === undefined ? [] : [aborted(options.handOver).then(() => server.retire(grace))];
    await Promise.race([running, asked, ...left]);
    if (server.connections > 0) events.waitingForRequests();
    const ended = server.close(grace).then(() => Promise.race([pool.drain(), passed(clock, grace)]));
    await Promise.race([ended, aborted(abort)]);
    pool.abort(new ServerEnded());
    await Promise.race([Promise.all([server.close(0), pool.drain()]), passed(clock, ABORT_WAIT_NS)]);
  } finally {
    clock.closeAll();
    poll.advanceAll();
    poll.closeAll();
  }
};

/** The same listener, which calls `connected` for each connection that it accepts. */
function reportConnections(listener: TcpHandle, connected: (() => void) | undefined): TcpHandle {
  if (connected === undefined) return listener;
  return wrap(listener, {
    accept() {
      const accepted = listener.accept();
      if (typeof accepted !== "string") connected();
      return accepted;
    },
  });
}

/** Hands requests to the pool; wraps them if they are observed. */
function requestSink(
  pool: InstancePool,
  observe: Observers | undefined,
): Pick<HttpServerOptions, "serve" | "abandoned"> {
  const tell = observe?.request;
  if (tell === undefined)
    return { serve: (request) => pool.handle(request), abandoned: (request) => pool.abandoned(request) };
  const observed = new WeakMap<ServedRequest, ObservedRequest>();
  return {
    serve(request) {
      const made = new ObservedRequest(request, tell(request.head));
      observed.set(request, made);
      pool.handle(made);
    },
    abandoned(request) {
      const made = observed.get(request);
      if (made === undefined) return;
      made.abandoned();
      pool.abandoned(made);
    },
  };
}

/** Opens all listening sockets. @throws ListenError */
function* listen(
  machine: SuspendingMachine,
  poll: SuspendingPoll,
  { listen: wanted, shutdownAddress, events }: ServeOptions,
): Blocking<{ readonly stop: TcpHandle | undefined; readonly listeners: readonly TcpHandle[] }> {
  let stop: TcpHandle | undefined;
  if (shutdownAddress !== undefined) {
    const { handle, address } = yield* listenOn(machine, shutdownAddress);
    poll.opened(handle);
    stop = handle;
    if (address.tag === "tcp") events.listeningForShutdown(address.address);
  }
  const listening: Listening[] = [];
  try {
    for (const each of wanted) listening.push(yield* listenOn(machine, each));
  } catch (error) {
    // No server exists yet that would close them.
    for (const { handle } of listening) poll.close(handle);
    throw error;
  }
  for (const { address } of listening) events.listening(address);
  return { stop, listeners: listening.map(({ handle }) => handle) };
}

/** The options that concern instances and the outcome of their requests. */
export type GuestsOptions = Pick<
  ServeOptions,
  "guest" | "logPrefix" | "requestHeaders" | "maxFieldsSize" | "reuse" | "requestTimeout"
> & {
  readonly limits: Pick<ServerLimits, "maxRequests">;
  readonly events: Pick<ServerEvents, "failed"> & Pick<PoolOptions, "idle">;
};

export async function serviceOf(
  machine: SuspendingMachine,
  poll: SuspendingPoll,
  { component, handler }: ServedComponent,
  options: GuestsOptions,
): Promise<Service> {
  const { guest, requestTimeout } = options;
  const log = (given: boolean | ByteSink, own: ByteSink) =>
    new LogStream(poll, given === true ? own : given || nowhere);
  return {
    machine,
    poll,
    component,
    options: guest,
    handler: handler.name,
    requestHeaders: options.requestHeaders,
    maxFieldsSize: options.maxFieldsSize ?? MAX_FIELDS_SIZE,
    patience: requestTimeout === undefined ? undefined : await patienceOf(requestTimeout),
    busy:
      requestTimeout === undefined && machine.cpuTime !== undefined
        ? new BusyGuests(component, poll, machine.cpuTime)
        : undefined,
    stdout: log(guest.stdout, machine.stdio.stdout),
    stderr: log(guest.stderr, machine.stdio.stderr),
    prefixes: options.logPrefix,
  };
}

async function patienceOf(limit: bigint): Promise<Service["patience"]> {
  const { interruptor } = await import("../../wasm/limits/interruptible.ts");
  return { limit: fromU64(limit), interruptor };
}

export async function poolOf(
  service: Service,
  { handler }: ServedComponent,
  { reuse, limits, requestTimeout, events }: GuestsOptions,
): Promise<InstancePool> {
  const make = await instanceMaker(handler);
  const guests = new Guests(service);
  const { observe } = service.options;
  let made = 0;
  const failed = (error: unknown): void => {
    if (!(error instanceof ServerEnded)) events.failed(error);
  };
  const pool = new InstancePool(service.poll, {
    maxRequests: limits.maxRequests,
    maxReuse: reuse.maxRequests,
    maxConcurrentReuse: reuse.maxConcurrentRequests,
    idleTimeout: fromU64(reuse.idleTimeout),
    requestTimeout: requestTimeout === undefined ? NEVER : fromU64(requestTimeout),
    async make() {
      const id = made++;
      const instance = await make(guests, id);
      if (id === 0) observe?.linked?.();
      return instance;
    },
    failed(request: ServedRequest, error: unknown) {
      failed(error);
      respondWithError(request);
    },
    failedAfterwards: failed,
    ...(events.idle === undefined ? {} : { idle: events.idle }),
  });
  if (service.busy !== undefined) {
    service.busy.onDetected = () => {
      guests.forget();
      pool.renew();
    };
  }
  return pool;
}

const nowhere: ByteSink = { source: undefined, send: (bytes, start = 0, end = bytes.length) => end - start };

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Resolves when a client has connected; closes its connection as an acknowledgement. */
async function connected(clock: SuspendingPoll, listener: TcpHandle): Promise<void> {
  for (;;) {
    await clock.block(Condition.source(listener.source, READABLE));
    const handle = listener.accept();
    // A client that has disconnected again has connected, too.
    if (handle === "would-block") continue;
    if (typeof handle !== "string") handle.close();
    return;
  }
}

async function passed(clock: SuspendingPoll, ns: number): Promise<void> {
  await clock.block(Condition.timer(after(clock.now(), ns)));
}
