/** The options of a server: where it listens, what its guests may do, what its clients may. */
import type { CompiledComponent } from "../../component/link/compiled.ts";
import type { HttpField } from "../../core/http/error-code.ts";
import type { IpSocketAddress } from "../../machine/address.ts";
import type { SuspendingMachine } from "../../machine/machine.ts";
import type { Handler } from "../../wasi/worlds.ts";
import type { RunOptions } from "../component.ts";

/** An address that a server listens on. */
export type ListenAddress =
  | { readonly tag: "tcp"; readonly address: IpSocketAddress }
  /** A unix socket that is made there. */
  | { readonly tag: "unix"; readonly path: string }
  /** A listening socket that the process was started with. */
  | { readonly tag: "descriptor"; readonly fd: number };

export type ShutdownAddress = Exclude<ListenAddress, { readonly tag: "unix" }>;

/** The component that is served. */
export interface ServedComponent {
  /**
   * Compiled for guests that are suspended; best so that its instances can be put back to their beginnings, and of modules that are
   * interruptible if there is a `requestTimeout` (wasm/limits/interruptible.ts).
   */
  readonly component: CompiledComponent;
  readonly handler: Handler;
}

/** The limits of clients. Sizes are bytes, times ns. */
export interface ServerLimits {
  /** Connections at once; more are not accepted until one ends. */
  readonly maxConnections: number;
  /** Requests at once that guests work on; more wait. */
  readonly maxRequests: number;
  /** Fields of one header section, or of trailers. */
  readonly maxHeaders: number;
  /** A request's line with its header section, or trailers. */
  readonly maxHeaderSize: number;
  /** One request's body; undefined: any, for bodies are never kept whole. */
  readonly maxBodySize: number | undefined;
  /** From a connection's start, and on one that is kept alive from a request's first byte, to the end of its header section. */
  readonly headerTimeout: bigint;
  /** Without a byte in the direction that the server waits for: between requests, within a body, of a response. */
  readonly idleTimeout: bigint;
}

/** How long an instance lives. */
export interface InstanceReuse {
  /** Requests that one instance takes in its life. */
  readonly maxRequests: number;
  /** The most requests of an instance at once; 1 for `wasi:http` 0.2, whatever was asked for. */
  readonly maxConcurrentRequests: number;
  /** How long one that waits for its next request is kept, ns. */
  readonly idleTimeout: bigint;
}

/** Told of what a server does, in this order. */
export interface ServerEvents {
  listeningForShutdown(address: IpSocketAddress): void;
  /** Once for each address that it listens on. */
  listening(address: BoundAddress): void;
  /** It listens everywhere. */
  serving?(): void;
  /** Somebody has connected to `shutdownAddress`, after it was asked to hand over, too. */
  shutdownAsked?(): void;
  /** It was asked to end, and requests are still under way. */
  waitingForRequests(): void;
  /** A request was answered with 500, or its response broken off, because the guest failed so; or that failed when it had answered. */
  failed(error: unknown): void;
}

/** The address as bound: with the port that the kernel chose. */
export type BoundAddress = Exclude<ListenAddress, { readonly tag: "descriptor" }>;

export interface ServeOptions {
  readonly listen: readonly ListenAddress[];
  /** A connection to it asks the server to end, as `shutdown` does. */
  readonly shutdownAddress: ShutdownAddress | undefined;
  /**
   * What each instance is given. Its `stdin` has ended, and it has no arguments; to `env` each instance adds INSTANCE_ID, its
   * number, from 0. `stdout` and `stderr` are where instances' lines go, the process's own if true.
   */
  readonly guest: Omit<RunOptions, "call">;
  /** Whether each line that a guest writes begins with `stdout [N] :: `, or stderr, N being the instance's number. */
  readonly logPrefix: boolean;
  /** Fields that every request has, in place of those of their names that the client sent. */
  readonly requestHeaders: readonly HttpField[];
  /** The limit of one `fields` of a guest, bytes; wasmtime's unless given. */
  readonly maxFieldsSize?: number;
  readonly limits: ServerLimits;
  readonly reuse: InstanceReuse;
  /**
   * A request that a guest has for so long without a response is answered with 500, ns; undefined: never. The guest is ended, one
   * of 0.3 when its other requests are answered; one that computes for so long at once.
   */
  readonly requestTimeout: bigint | undefined;
  /** How long requests that are under way may take when the server is asked to end, ns. */
  readonly gracePeriod: bigint;
  /** Asks the server to end: it accepts no more, and ends when what is under way has, or the grace period is over. */
  readonly shutdown: AbortSignal;
  /** Ends it at once. */
  readonly abort: AbortSignal;
  /**
   * Another process serves on the same sockets from now on: it accepts no more, connections end after one more request, and it
   * ends when none is left, or the grace period is over.
   */
  readonly handOver?: AbortSignal;
  readonly events: ServerEvents;
}

/**
 * Serves until it is asked to end, and has.
 *
 * @throws LinkError: the component wants what is not there; ListenError (listen-error.ts): it cannot listen on an address
 */
export type ServeComponent = (
  machine: SuspendingMachine,
  served: ServedComponent,
  options: ServeOptions,
) => Promise<void>;
