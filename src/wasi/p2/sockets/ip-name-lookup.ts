import type { HostInstance } from "../../../component/host.ts";
import type { WasiHost } from "../../host.ts";
import { orThrow } from "../../or-throw.ts";
import { polling } from "../../waits.ts";
import type { Network } from "./network.ts";
import { ResolveAddressStream } from "./resolve-address-stream.ts";

/**
 * Makes `wasi:sockets/ip-name-lookup`, getaddrinfo(3). `resolve-addresses` throws `invalid-argument` for a name that is
 * none, or `access-denied`; `resolve-next-address` throws `would-block`, or the failure.
 */
export function ipNameLookup(host: WasiHost): HostInstance {
  return {
    "resolve-addresses": (_network: Network, name: string) => orThrow(ResolveAddressStream.resolve(host, name)),
    "resolve-address-stream": ResolveAddressStream,
    "[method]resolve-address-stream.resolve-next-address": polling((self: ResolveAddressStream) =>
      orThrow(self.resolveNextAddress()),
    ),
    "[method]resolve-address-stream.subscribe": (self: ResolveAddressStream) => self.subscribe(),
  };
}
