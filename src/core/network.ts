import type { IpSocketAddress } from "../adapters/contract.ts";
import { Resource } from "./resource.ts";

/** `wasi:sockets/network.network`: carries nothing; what a guest may reach is the policy's. */
export class Network extends Resource {}

/** What an address is about to be used for. */
export type AddressUse = "tcp-bind" | "tcp-listen" | "tcp-connect" | "udp-bind" | "udp-send";

/** What a guest may reach. */
export interface NetworkPolicy {
  /** Whether sockets may be made at all. */
  readonly tcp: boolean;
  readonly udp: boolean;
  readonly ipNameLookup: boolean;
  allows(address: IpSocketAddress, use: AddressUse): boolean;
}
