import { NEVER } from "../core/wait/deadline.ts";
import type { IpSocketAddress } from "../machine/address.ts";
import { formatSocketAddress, socketAddressOf } from "../machine/ip.ts";
import type { NetFamily } from "../machine/machines.ts";
import { Address, type AddressLike, parseAddress } from "../net/address.ts";
import { tryAddresses } from "../net/endpoints.ts";
import { SocketError } from "../net/errors.ts";
import { defaultLimits } from "../run/serve/defaults.ts";
import { ListenError } from "../run/serve/listen-error.ts";
import type { ServerLimits } from "../run/serve/options.ts";
import { checkOptions, type OptionNames } from "./check-options.ts";
import type { CompiledComponent } from "./compile.ts";
import { createSuspendingMachine } from "./machine.ts";
import { own } from "./net.ts";
import {
  count,
  gracePeriodOf,
  guestsOptions,
  nanoseconds,
  type Serving,
  type ServingOptions,
  servingNames,
  servingOf,
} from "./serving.ts";
import type { ComponentSource } from "./source.ts";
import { Streams } from "./stdio.ts";

/** Options of `serve`. Sizes are bytes, times ms. */
export interface ServeOptions extends ServingOptions {
  /** An address of this machine, or a name of one: `127.0.0.1` unless given. `0.0.0.0` and `::` are all of them. */
  readonly hostname?: string;
  /** 8080 unless given; 0: the system chooses one. */
  readonly port?: number;
  /** Both in one, `127.0.0.1:8080`, in their place. */
  readonly addr?: AddressLike;
  /** Connections at once; no further one is accepted until one ends. 1,000 unless given. */
  readonly maxConnections?: number;
  /** Fields of a request's head: 100 unless given. */
  readonly maxHeaders?: number;
  /** A request's head: 64 KiB unless given. */
  readonly maxHeaderSize?: number;
  /** For a request's head, from its first byte or the connection's start: 10,000 unless given. */
  readonly headerTimeout?: number;
  /** For a connection without a byte that is waited for: 60,000 unless given. */
  readonly idleTimeout?: number;
  /** Whose sockets: libc's, or the runtime's own. libc's where they can be had, unless given. */
  readonly net?: NetFamily;
}

const names: OptionNames<ServeOptions> = {
  ...servingNames,
  hostname: true,
  port: true,
  addr: true,
  maxConnections: true,
  maxHeaders: true,
  maxHeaderSize: true,
  headerTimeout: true,
  idleTimeout: true,
  net: true,
};

/** A component that is being served. */
export interface Server extends AsyncDisposable {
  /** `http://127.0.0.1:8080/`, with the port that was chosen. */
  readonly url: URL;
  /** Where it listens. */
  readonly address: Address;
  /** Resolves when it has ended, by `close`, by the signal or by itself. Rejects if nothing can be served any more. */
  readonly finished: Promise<void>;
  /**
   * Accepts no more, lets requests that are under way finish within the grace period, and ends the others. Resolves as
   * `finished`.
   */
  close(): Promise<void>;
}

/**
 * Serves a component over HTTP/1.1 that exports `wasi:http/incoming-handler` 0.2 or `wasi:http/handler` 0.3: resolves when it
 * listens. Requests get fresh instances of it, see `reuse`. It has all of WASI, within what the options give it; requests of its
 * own go where `network: { http: true, allow, deny }` lets them. While it serves, timers, promises and other servers of this
 * program go on.
 *
 * @param source The component, or where it is
 * @param options Where it listens, what its guests are given, limits
 * @returns The server, which listens
 * @example
 * ```ts
 * import { serve } from "pollux";
 *
 * await using server = await serve("http/serve-hello.wasm", { port: 0 });
 * const response = await fetch(server.url);
 * console.log((await response.text()).trim()); // Hello, World!
 * ```
 * @throws ParseError; LinkError if it serves no requests, or wants what is not there; LimitError, PreopenError, OutOfResources as
 * `run`; AddressError; SocketError `address-in-use` and the like; RangeError for an option that is out of range, TypeError for one that there is not; the signal's
 * reason if that is aborted
 */
export async function serve(source: ComponentSource | CompiledComponent, options: ServeOptions = {}): Promise<Server> {
  checkOptions("serve", options, names);
  const { hostname = "127.0.0.1", port = 8080, addr = { host: hostname, port } } = options;
  const endpoint = parseAddress("listen", addr);
  const limits = limitsOf(options);
  const serving = await servingOf(source, options);
  options.signal?.throwIfAborted();
  const start = (address: IpSocketAddress): Promise<Server> => serveOn(address, serving, limits, options);
  if (endpoint.host.tag === "address") return start(socketAddressOf(endpoint.host.address, endpoint.port));
  return tryAddresses(await own(), "listen", endpoint, { deadline: NEVER, signal: options.signal }, start);
}

function limitsOf(options: ServeOptions): ServerLimits {
  return {
    maxConnections: count("maxConnections", options.maxConnections) ?? defaultLimits.maxConnections,
    maxRequests: count("maxRequests", options.maxRequests) ?? defaultLimits.maxRequests,
    maxHeaders: count("maxHeaders", options.maxHeaders) ?? defaultLimits.maxHeaders,
    maxHeaderSize: count("maxHeaderSize", options.maxHeaderSize) ?? defaultLimits.maxHeaderSize,
    maxBodySize: options.maxBodySize,
    headerTimeout: nanoseconds("headerTimeout", options.headerTimeout) ?? defaultLimits.headerTimeout,
    idleTimeout: nanoseconds("idleTimeout", options.idleTimeout) ?? defaultLimits.idleTimeout,
  };
}

/** @throws SocketError, and as `serve` */
async function serveOn(
  address: IpSocketAddress,
  serving: Serving,
  limits: ServerLimits,
  options: ServeOptions,
): Promise<Server> {
  const shutdown = new AbortController();
  const abort = new AbortController();
  const { signal } = options;
  const onAbort = (): void => {
    shutdown.abort();
    abort.abort();
  };
  signal?.addEventListener("abort", onAbort, { once: true });
  const { promise: listening, resolve: listens } = Promise.withResolvers<IpSocketAddress>();
  const finished = run().finally(() => signal?.removeEventListener("abort", onAbort));
  const bound = new Address(await Promise.race([listening, finished.then(ended)]));
  const close = (): Promise<void> => {
    shutdown.abort();
    return finished;
  };
  return { url: new URL(`http://${bound}/`), address: bound, finished, close, [Symbol.asyncDispose]: close };

  async function run(): Promise<void> {
    const { serveComponent } = await import("../run/serve/serve-component.ts");
    const machine = await createSuspendingMachine(options.net);
    using streams = new Streams();
    try {
      const guests = await guestsOptions(machine, serving, options, streams);
      await serveComponent(machine, serving.served, {
        ...guests,
        listen: [{ tag: "tcp", address }],
        shutdownAddress: undefined,
        limits,
        gracePeriod: gracePeriodOf(options),
        shutdown: shutdown.signal,
        abort: abort.signal,
        events: {
          listeningForShutdown() {},
          listening: (where) => where.tag === "tcp" && listens(where.address),
          waitingForRequests() {},
          failed: guests.events.failed,
        },
      });
    } catch (error) {
      if (!(error instanceof ListenError) || typeof error.code !== "string") throw error;
      throw new SocketError("listen", formatSocketAddress(address), error.code);
    } finally {
      machine.selector.close();
    }
    await streams.finish();
  }

  /** Before it listened: only a signal does that. */
  function ended(): never {
    signal?.throwIfAborted();
    throw new Error("the server has ended before it listened");
  }
}
