/** The limits of a server's clients. Times are ns, sizes bytes; Infinity: no limit. */
export interface ServerLimits {
  /** At so many no further one is accepted until one goes. */
  readonly maxConnections: number;
  readonly maxHeaderFields: number;
  /** A request's line and its fields. */
  readonly maxHeadSize: number;
  readonly maxBodySize: number;
  /** From the accept, or the first byte of a next request, to the complete head. */
  readonly headTimeout: number;
  /** Between two requests. */
  readonly idleTimeout: number;
  /** Between pieces of a request's body that somebody waits for. */
  readonly bodyTimeout: number;
  /** In which a client takes nothing of what is to be sent. */
  readonly writeTimeout: number;
  /** The most of an unread request body that is skipped to keep the connection for the next request, bytes; and for how long. */
  readonly maxDrain: number;
  readonly drainTimeout: number;
  /** Bytes that are kept of requests behind the one under way. */
  readonly maxPipelined: number;
}

const SECOND = 1e9;

export const defaultLimits: ServerLimits = {
  maxConnections: 10_000,
  maxHeaderFields: 100,
  maxHeadSize: 65_536,
  maxBodySize: Number.POSITIVE_INFINITY,
  headTimeout: 30 * SECOND,
  idleTimeout: 75 * SECOND,
  bodyTimeout: 60 * SECOND,
  writeTimeout: 60 * SECOND,
  maxDrain: 65_536,
  drainTimeout: 2 * SECOND,
  maxPipelined: 65_536,
};
