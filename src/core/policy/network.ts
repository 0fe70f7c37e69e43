import type { IpAddress, IpSocketAddress } from "../../machine/address.ts";
import type { NetworkRules } from "./net-rule.ts";
import type { AddressUse, Refusal } from "./refusal.ts";

/** The addresses and names that a guest may reach. */
export interface NetworkPolicy {
  /** Whether sockets may be made at all. */
  readonly tcp: boolean;
  readonly udp: boolean;
  /** Whether an incoming peer may be refused. If not, `allows` need not be asked for each. */
  readonly screensAccept: boolean;
  readonly screensReceive: boolean;
  /** Names whose addresses are refused. `learn` must be told them before the guest starts. */
  readonly deniedNames: readonly string[];
  allows(address: IpSocketAddress, use: AddressUse): boolean;
  /**
   * Whether a name may be looked up.
   *
   * @param name lower case, ASCII, without a final dot; undefined asks whether any name may be looked up
   */
  allowsLookup(name: string | undefined): boolean;
  /** Whether an HTTP request may go to the name. It may then be looked up. */
  allowsRequest(name: string, port: number): boolean;
  /**
   * Whether an HTTP request may go to the address.
   *
   * @param name The name that it belongs to; undefined if the authority was the address
   */
  allowsRequestTo(name: string | undefined, address: IpSocketAddress): boolean;
  /** Records an address of a name, for rules by name. */
  learn(name: string, address: IpAddress): void;
}

/** wasmtime's -S options. Undefined: not given. */
export interface NetworkOptions {
  readonly inheritNetwork: boolean;
  readonly tcp: boolean | undefined;
  readonly udp: boolean | undefined;
  readonly allowIpNameLookup: boolean;
  /** Whether HTTP requests are allowed; true unless given. */
  readonly httpRequests?: boolean;
}

/** The settings of a run for its guest's network. */
export interface GuestNetwork extends NetworkOptions {
  readonly rules?: NetworkRules;
  /** Called with each refusal by the policy. */
  readonly onRefusal?: (refusal: Refusal) => void;
  readonly networkErrorCode: boolean;
}

/** Makes the policy of a guest. */
export type MakePolicy = (network: GuestNetwork) => NetworkPolicy;

/** Refuses everything, for a guest that imports nothing that needs a policy. */
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
