import type { IpAddress, IpSocketAddress } from "../../machine/address.ts";
import type { NetworkRules } from "./net-rule.ts";

/**
 * What an address is about to be used for. Of `tcp-accept` and `udp-receive` it is the peer's, and the guest does not hear of
 * one that is refused. `*-bind` is of an explicit bind: a guest may let the system choose its address for all that it may do.
 */
export type AddressUse =
  | "tcp-bind"
  | "tcp-listen"
  | "tcp-accept"
  | "tcp-connect"
  | "udp-bind"
  | "udp-send"
  | "udp-receive";

/** What a guest may reach. */
export interface NetworkPolicy {
  /** Whether sockets may be made at all. */
  readonly tcp: boolean;
  readonly udp: boolean;
  /** Whether a peer may be refused that connects or sends by itself: else `allows` need not be asked. */
  readonly screensAccept: boolean;
  readonly screensReceive: boolean;
  /** Names whose addresses are refused: `learn` must be told them before the guest starts. */
  readonly deniedNames: readonly string[];
  allows(address: IpSocketAddress, use: AddressUse): boolean;
  /** @param name lower case, ASCII, without a final dot; undefined: asks whether any name may be looked up */
  allowsLookup(name: string | undefined): boolean;
  /** Whether an HTTP request may go to the name, which may be looked up then. */
  allowsRequest(name: string, port: number): boolean;
  /** Whether it may go to that address. @param name The name whose address it is; undefined: the authority was the address */
  allowsRequestTo(name: string | undefined, address: IpSocketAddress): boolean;
  /** The answer to a look-up: what rules by name then apply to. */
  learn(name: string, address: IpAddress): void;
}

/** wasmtime's -S rules. Undefined: not given. */
export interface NetworkOptions {
  readonly inheritNetwork: boolean;
  readonly tcp: boolean | undefined;
  readonly udp: boolean | undefined;
  readonly allowIpNameLookup: boolean;
  /** Whether there are any HTTP requests: unless false. */
  readonly httpRequests?: boolean;
}

/** What a guest asked for and was not given. */
export type Permission = "tcp" | "udp" | "address" | "name-lookup";

/** @param rule The rule of --allow-net that would have allowed it, where there is one that says no more */
export type OnDenied = (what: Permission, rule?: string) => void;

/** All that a run says of its guest's network. */
export interface GuestNetwork extends NetworkOptions {
  readonly rules?: NetworkRules;
  /** Told of each thing that the policy keeps the guest from, and why. */
  readonly onRefusal?: (reason: string) => void;
  /** Told of what the guest asked for and was not given. */
  readonly onDenied?: OnDenied;
  readonly networkErrorCode: boolean;
}

/** Makes the policy of a guest. */
export type MakePolicy = (network: GuestNetwork) => NetworkPolicy;

/** Of a guest that has nothing to ask it. */
export const closedNetwork: NetworkPolicy = {
  tcp: false,
  udp: false,
  screensAccept: false,
  screensReceive: false,
  deniedNames: [],
  allows: () => false,
  allowsLookup: () => false,
  allowsRequest: () => false,
  allowsRequestTo: () => false,
  learn: () => {},
};
