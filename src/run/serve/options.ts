/** The options of a server: its addresses, its guests, and the limits of its clients. */
import type { CompiledComponent } from "../../component/link/compiled.ts";
import type { HttpField } from "../../core/http/error-code.ts";
import type { IpSocketAddress } from "../../machine/address.ts";
import type { SuspendingMachine } from "../../machine/machine.ts";
import type { Handler } from "../../wasi/worlds.ts";
import type { RunOptions } from "../component.ts";

/** An address that a server listens on. */
export type ListenAddress =
  | { readonly tag: "tcp"; readonly address: IpSocketAddress }
  /** A unix socket to make at `path`. */
  | { readonly tag: "unix"; readonly path: string }
  /** A listening socket that the process inherited. */
  | { readonly tag: "descriptor"; readonly fd: number };

export type ShutdownAddress = Exclude<ListenAddress, { readonly tag: "unix" }>;

/** The component that is served. */
export interface ServedComponent {
  /**
   * Compiled for suspension; preferably so that instances can be rewound, and from interruptible modules if there is a
   * `requestTimeout` (wasm/limits/interruptible.ts).
   */
  readonly component: CompiledComponent;
  readonly handler: Handler;
}

/** The limits of clients. Sizes are bytes, times ns. */
export interface ServerLimits {
  /** The most connections at once; further ones are accepted when one ends. */
  readonly maxConnections: number;
  /** The most requests in progress at once; further ones wait. */
  readonly maxRequests: number;
  /** The most fields of a header section, or of trailers. */
  readonly maxHeaders: number;
  /** The most bytes of a request line and its header section, or of trailers. */
  readonly maxHeaderSize: number;
  /** The most bytes of a request's body; undefined: no limit, since bodies are never kept whole. */
  readonly maxBodySize: number | undefined;
  /** The time for a header section, from a connection's start, or from the first byte of a later request. */
  readonly headerTimeout: bigint;
  /**
   * The time without a byte in the direction that the server waits for: between requests, within a body, of a response.
   */
  readonly idleTimeout: bigint;
}

/** How long an instance lives. */
export interface InstanceReuse {
  /** The most requests that one instance handles in its life. */
  readonly maxRequests: number;
  /** The most requests of an instance at once; always 1 for `wasi:http` 0.2. */
  readonly maxConcurrentRequests: number;
  /** How long an instance waits for its next request, ns. */
  readonly idleTimeout: bigint;
}

/** Called on a server's events, in this order. */
export interface ServerEvents {
  listeningForShutdown(address: IpSocketAddress): void;
  /** Called once for each address that it listens on. */
  listening(address: BoundAddress): void;
  /** Called when it listens on all addresses. */
  serving?(): void;
  /** Called when a client connects to `shutdownAddress`, even after a hand-over. */
  shutdownAsked?(): void;
  /** Called when it was asked to end and requests are in progress. */
  waitingForRequests(): void;
  /**
   * Called when a request got a 500 or an incomplete response because the guest failed, or when a guest failed after
   * its response.
   */
  failed(error: unknown): void;
}

/** The address as bound, with the port that the kernel chose. */
export type BoundAddress = Exclude<ListenAddress, { readonly tag: "descriptor" }>;

export interface ServeOptions {
  readonly listen: readonly ListenAddress[];
  /** A connection to this address asks the server to end, as `shutdown` does. */
  readonly shutdownAddress: ShutdownAddress | undefined;
  /**
   * The options of each instance. Its `stdin` is at its end, and it has no arguments. Each instance adds INSTANCE_ID,
   * its number from 0, to `env`. `stdout` and `stderr` receive the instances' lines; true means the process's own.
   */
  readonly guest: Omit<RunOptions, "call">;
  /** Whether each line of a guest begins with `stdout [N] :: ` or `stderr [N] :: `; N is the instance's number. */
  readonly logPrefix: boolean;
  /** Fields for every request; they replace those of the same names from the client. */
  readonly requestHeaders: readonly HttpField[];
  /** The most that one `fields` of a guest may hold, bytes; default: wasmtime's limit. */
  readonly maxFieldsSize?: number;
  readonly limits: ServerLimits;
  readonly reuse: InstanceReuse;
  /**
   * The time after which a request without a response gets a 500, ns; undefined: no limit. Its guest is ended: one of
   * 0.3 after its other requests, one that computes for that long at once.
   */
  readonly requestTimeout: bigint | undefined;
  /** How long requests in progress may take after the server is asked to end, ns. */
  readonly gracePeriod: bigint;
  /**
   * Asks the server to end: it accepts no more, and ends when the requests in progress do, or after the grace period.
   */
  readonly shutdown: AbortSignal;
  /** Ends the server at once. */
  readonly abort: AbortSignal;
  /**
   * Tells the server that another process serves on the same sockets now. It accepts no more, connections end after one
   * more request, and it ends when none is left, or after the grace period.
   */
  readonly handOver?: AbortSignal;
  readonly events: ServerEvents;
}

/**
 * Serves until it is asked to end, and has ended.
 *
 * @throws LinkError if an import or export is missing or mistyped; ListenError (listen-error.ts) if it cannot listen on
 * an address
 */
export type ServeComponent = (
  machine: SuspendingMachine,
  served: ServedComponent,
  options: ServeOptions,
) => Promise<void>;
