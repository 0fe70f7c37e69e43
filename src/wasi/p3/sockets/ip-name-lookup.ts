import type { HostInstance } from "../../../component/host.ts";
import { NameLookup } from "../../../core/sockets/name-lookup.ts";
import { type Blocking, retried } from "../../../core/wait/poll.ts";
import type { IpAddress } from "../../../machine/address.ts";
import { withoutMapping } from "../../../machine/ip.ts";
import type { WasiHost } from "../../host.ts";
import { lookupError } from "./error-code.ts";

/**
 * Makes `wasi:sockets/ip-name-lookup`, getaddrinfo(3). `resolve-addresses` returns at least one address, and no
 * IPv4-mapped IPv6 address. It throws the look-up's `error-code`.
 */
export function ipNameLookup(host: WasiHost): HostInstance {
  function* resolveAddresses(name: string): Blocking<readonly IpAddress[]> {
    const lookup = NameLookup.start(host, name);
    if (typeof lookup === "string") throw lookupError(lookup);
    try {
      const answer = yield* retried(() => lookup.addresses(), lookup.readiness);
      if (typeof answer === "string") throw lookupError(answer);
      if (answer.length === 0) throw lookupError("name-unresolvable");
      return answer.map(withoutMapping);
    } finally {
      lookup.close();
    }
  }
  return { "resolve-addresses": resolveAddresses };
}
