/** From the options of `pollux serve` to what a server needs. */
import type { IpSocketAddress } from "../../machine/address.ts";
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

const SECOND = 1_000_000_000n;

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
        maxConnections: count("max-concurrent-connections") ?? 1000,
        maxRequests: count("max-concurrent-requests") ?? 1000,
        maxHeaders: count("max-headers") ?? 100,
        maxHeaderSize: count("max-header-size") ?? 64 * 1024,
        maxBodySize: count("max-body-size"),
        headerTimeout: time("header-timeout") ?? 10n * SECOND,
        idleTimeout: time("idle-timeout") ?? 60n * SECOND,
      },
      maxInstanceReuse: count("max-instance-reuse-count"),
      maxConcurrentReuse: count("max-instance-concurrent-reuse-count"),
      idleInstanceTimeout: time("idle-instance-timeout") ?? SECOND,
      gracePeriod: time("grace-period") ?? 10n * SECOND,
    },
  };
}
