/** What `serve` and `handler` have in common. */
import type { SuspendingMachine } from "../machine/machine.ts";
import { defaultLimits, GRACE_PERIOD, reuseOf } from "../run/serve/defaults.ts";
import { handlerIn } from "../run/serve/handlers.ts";
import type { ServedComponent } from "../run/serve/options.ts";
import type { GuestsOptions } from "../run/serve/serve-component.ts";
import type { OptionNames } from "./check-options.ts";
import { type CompiledComponent, compiledOf } from "./compile.ts";
import { type GuestSurroundings, guestOptions, surroundingNames } from "./guest.ts";
import { reportError } from "./report-error.ts";
import type { ComponentSource } from "./source.ts";
import type { Streams } from "./stdio.ts";

/** How long an instance of a component that serves lives. */
export interface Reuse {
  /** Requests that one instance takes: 1 unless given, which isolates them from one another; of WASI 0.3 128. */
  readonly maxRequests?: number;
  /** Of them at once: 16 unless given; always 1 for WASI 0.2. */
  readonly maxConcurrentRequests?: number;
  /** How long one is kept for its next request, ms: 1,000 unless given. */
  readonly idleTimeout?: number;
}

/** Options that `serve` and `handler` share. Sizes are bytes, times ms. */
export interface ServingOptions extends GuestSurroundings {
  /** Requests at once that guests work on, others wait: 1,000 unless given. */
  readonly maxRequests?: number;
  /** What one request's body may have: any unless given, for none is ever kept whole. A longer one is answered with 413. */
  readonly maxBodySize?: number;
  /** What a guest may take to answer a request; then it is ended, and 500 is answered. Any unless given. */
  readonly requestTimeout?: number;
  /** What requests that are under way may take when the server is closed: 10,000 unless given. */
  readonly gracePeriod?: number;
  /** How many requests an instance takes, and how long it is kept for them. */
  readonly reuse?: Reuse;
  /** Whether each line that a guest writes begins with `stdout [N] :: ` (or stderr), N being its instance's number. Not unless given. */
  readonly logPrefix?: boolean;
  /** Told of each guest that failed, whose request was answered with 500 or broken off. Unless given, `console.error` is, in one line. */
  readonly onError?: (error: unknown) => void;
  /** Ends it at once: connections are closed, guests ended. */
  readonly signal?: AbortSignal;
}

export const servingNames: OptionNames<ServingOptions> = {
  ...surroundingNames,
  maxRequests: true,
  maxBodySize: true,
  requestTimeout: true,
  gracePeriod: true,
  reuse: { maxRequests: true, maxConcurrentRequests: true, idleTimeout: true },
  logPrefix: true,
  onError: true,
  signal: true,
};

/** A component that can be served, and how. */
export interface Serving {
  readonly component: CompiledComponent;
  readonly served: ServedComponent;
}

/** @throws ParseError; LinkError if it serves no requests */
export async function servingOf(
  source: ComponentSource | CompiledComponent,
  { limits, requestTimeout }: ServingOptions,
): Promise<Serving> {
  const component = await compiledOf(source, "suspending", limits);
  const handler = handlerIn(component.type);
  const use = requestTimeout === undefined ? "served" : "timed";
  return { component, served: { component: await component.compiledFor(use), handler } };
}

/** What its guests are made with. */
export async function guestsOptions(
  machine: SuspendingMachine,
  { component, served }: Serving,
  options: ServingOptions,
  streams: Streams,
): Promise<GuestsOptions> {
  const { reuse = {}, requestTimeout, onError = reportError } = options;
  return {
    guest: await guestOptions(machine, component, { ...options, stdin: false, http: true }, streams),
    logPrefix: options.logPrefix ?? false,
    requestHeaders: [],
    limits: { maxRequests: count("maxRequests", options.maxRequests) ?? defaultLimits.maxRequests },
    reuse: reuseOf(
      {
        maxRequests: count("reuse.maxRequests", reuse.maxRequests),
        maxConcurrentRequests: count("reuse.maxConcurrentRequests", reuse.maxConcurrentRequests),
        idleTimeout: nanoseconds("reuse.idleTimeout", reuse.idleTimeout),
      },
      served.handler,
    ),
    requestTimeout: nanoseconds("requestTimeout", requestTimeout),
    events: { failed: onError },
  };
}

/** ns */
export function gracePeriodOf({ gracePeriod }: ServingOptions): bigint {
  return nanoseconds("gracePeriod", gracePeriod) ?? GRACE_PERIOD;
}

/** The most ns that there are. */
const EVER = 2n ** 64n - 1n;

/** @param time ms @throws RangeError if it is none */
export function nanoseconds(name: string, time: number | undefined): bigint | undefined {
  if (time === undefined) return undefined;
  if (!(time >= 0)) throw new RangeError(`${name}: ${time} is no time in milliseconds`);
  return Number.isFinite(time) ? BigInt(Math.ceil(time * 1e6)) : EVER;
}

/** @throws RangeError if it is none, or nothing would be done with it */
export function count(name: string, given: number | undefined): number | undefined {
  if (given === undefined || given === Number.POSITIVE_INFINITY || (Number.isSafeInteger(given) && given > 0))
    return given;
  throw new RangeError(`${name}: ${given} is no whole number above 0`);
}
