/** The limits of a server's clients. Times are ns, sizes bytes; Infinity for no limit. */
export interface ServerLimits {
  /** The number of connections at which no more are accepted. */
  readonly maxConnections: number;
  readonly maxHeaderFields: number;
  /** The size of a request line and its fields. */
  readonly maxHeadSize: number;
  readonly maxBodySize: number;
  /** The time from the accept, or from the first byte of a next request, to the complete head. */
  readonly headTimeout: number;
  /** The time between two requests. */
  readonly idleTimeout: number;
  /** The time between pieces of a request's body that is being read. */
  readonly bodyTimeout: number;
  /** The time in which a client takes none of the bytes to be sent. */
  readonly writeTimeout: number;
  /** The most of an unread request body that is skipped to keep the connection, bytes, and the time for that. */
  readonly maxDrain: number;
  readonly drainTimeout: number;
  /** The most bytes that are kept of requests behind the current one. */
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
