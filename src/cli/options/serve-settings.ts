/** From the options of `pollux serve` to what a server needs. */
import type { IpSocketAddress } from "../../machine/address.ts";
import { defaultLimits, GRACE_PERIOD, IDLE_INSTANCE_TIMEOUT } from "../../run/serve/defaults.ts";
import type { ListenAddress, ServerLimits } from "../../run/serve/options.ts";
import type { GivenOption } from "./scan.ts";
import { parseCount } from "./serve-flags.ts";
import { type HelpText, type Settings, settings } from "./settings.ts";
import { parseListenAddress, parseSocketAddress } from "./socket-address.ts";
import { duration } from "./value.ts";

/** Times are ns. */
export interface ServeValues {
  /** `--addr` in order; none: the default, unless there is `-Slistenfd`. */
  readonly addresses: readonly ListenAddress[];
  readonly shutdownAddress: IpSocketAddress | undefined;
  readonly logPrefix: boolean;
  /** `--header` in order, as they were given. */
  readonly headers: readonly string[];
  readonly limits: ServerLimits;
  /** Undefined: what the version of the component's handler has. */
  readonly maxInstanceReuse: number | undefined;
  readonly maxConcurrentReuse: number | undefined;
  readonly idleInstanceTimeout: bigint;
  readonly gracePeriod: bigint;
}

export interface ServeSettings extends Settings {
  readonly serve: ServeValues;
}

/** @throws UsageError */
export function serveSettings(options: readonly GivenOption[]): ServeSettings | HelpText {
  const shared = settings(options);
  if ("help" in shared) return shared;
  const values = (name: string) => options.flatMap(({ flag, value }) => (flag.long === name ? [value ?? ""] : []));
  const parsed = <T>(name: string, parse: (text: string) => T): T | undefined => {
    const [value] = values(name);
    return value === undefined ? undefined : parse(value);
  };
  const count = (name: string) => parsed(name, parseCount);
  const time = (name: string) => parsed(name, duration.parse);
  return {
    ...shared,
    serve: {
      addresses: values("addr").map(parseListenAddress),
      shutdownAddress: parsed("shutdown-addr", parseSocketAddress),
      logPrefix: values("no-logging-prefix").length === 0,
      headers: values("header"),
      limits: {
        maxConnections: count("max-concurrent-connections") ?? defaultLimits.maxConnections,
        maxRequests: count("max-concurrent-requests") ?? defaultLimits.maxRequests,
        maxHeaders: count("max-headers") ?? defaultLimits.maxHeaders,
        maxHeaderSize: count("max-header-size") ?? defaultLimits.maxHeaderSize,
        maxBodySize: count("max-body-size"),
        headerTimeout: time("header-timeout") ?? defaultLimits.headerTimeout,
        idleTimeout: time("idle-timeout") ?? defaultLimits.idleTimeout,
      },
      maxInstanceReuse: count("max-instance-reuse-count"),
      maxConcurrentReuse: count("max-instance-concurrent-reuse-count"),
      idleInstanceTimeout: time("idle-instance-timeout") ?? IDLE_INSTANCE_TIMEOUT,
      gracePeriod: time("grace-period") ?? GRACE_PERIOD,
    },
  };
}
