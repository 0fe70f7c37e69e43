/** The defaults of a server. */
import { P3_TRACK } from "../../wasi/versions.ts";
import type { Handler } from "../../wasi/worlds.ts";
import type { InstanceReuse, ServerLimits } from "./options.ts";

const SECOND = 1_000_000_000n;

export const defaultLimits: ServerLimits = {
  maxConnections: 1000,
  maxRequests: 1000,
  maxHeaders: 100,
  maxHeaderSize: 64 * 1024,
  maxBodySize: undefined,
  headerTimeout: 10n * SECOND,
  idleTimeout: 60n * SECOND,
};

/** The default grace period, ns. */
export const GRACE_PERIOD = 10n * SECOND;

/** The default time that an instance waits for its next request, ns. */
export const IDLE_INSTANCE_TIMEOUT = SECOND;

/** wasmtime's defaults, by the version of the handler. */
const defaultReuse = { "0.2": { count: 1, concurrent: 1 }, "0.3": { count: 128, concurrent: 16 } } as const;

/** The settings of instance reuse that were asked for; undefined means the default. */
export interface AskedReuse {
  readonly maxRequests: number | undefined;
  readonly maxConcurrentRequests: number | undefined;
  /** How long an instance waits for its next request, ns. */
  readonly idleTimeout: bigint | undefined;
}

export function reuseOf(asked: AskedReuse, { track }: Handler): InstanceReuse {
  const { count, concurrent } = defaultReuse[track];
  return {
    // 0 means 1, as in wasmtime.
    maxRequests: Math.max(1, asked.maxRequests ?? count),
    // An instance of WASI 0.2 cannot be called while a call is in progress.
    maxConcurrentRequests: track === P3_TRACK ? Math.max(1, asked.maxConcurrentRequests ?? concurrent) : 1,
    idleTimeout: asked.idleTimeout ?? IDLE_INSTANCE_TIMEOUT,
  };
}
