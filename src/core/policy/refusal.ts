import type { IpSocketAddress } from "../../machine/address.ts";
import { formatIp, ipOf } from "../../machine/ip.ts";

/**
 * The use of an address. For `tcp-accept` and `udp-receive` it is the peer's; a guest does not notice a refused peer. `*-bind` is
 * an explicit bind: a guest may let the system choose its address for all that it may do.
 */
export type AddressUse =
  | "tcp-bind"
  | "tcp-listen"
  | "tcp-accept"
  | "tcp-connect"
  | "udp-bind"
  | "udp-send"
  | "udp-receive";

/** A use of the network that a guest asked for. */
export type NetworkUse =
  | { readonly tag: "socket"; readonly kind: "tcp" | "udp" }
  | { readonly tag: "address"; readonly use: AddressUse; readonly address: IpSocketAddress }
  /** Undefined: of any name. */
  | { readonly tag: "lookup"; readonly name: string | undefined }
  /** An HTTP request to a name, or to an address, which may be that of a name. */
  | { readonly tag: "request"; readonly to: RequestTarget };

export type RequestTarget =
  | { readonly name: string; readonly port: number }
  | { readonly name: string | undefined; readonly address: IpSocketAddress };

/** Something that a guest needs a permission for, where no rule decides. */
export type Permission = "tcp" | "udp" | "address" | "name-lookup";

/** Why a policy refuses a use. */
export type RefusalReason =
  /** A deny rule matches: its text. */
  | { readonly tag: "denied"; readonly rule: string }
  /** There are allow rules, and none matches. */
  | { readonly tag: "not-allowed" }
  /** The guest lacks the permission, and there are no allow rules, or none that matches. */
  | { readonly tag: "no-permission"; readonly permission: Permission }
  /** That kind of socket, or HTTP, is turned off. */
  | { readonly tag: "off" }
  /** The address belongs to no host: unspecified, or multicast. */
  | { readonly tag: "no-host" };

export interface Refusal {
  readonly use: NetworkUse;
  readonly reason: RefusalReason;
}

/** The first part of a rule for each use of an address. */
export const ruleUses = {
  "tcp-bind": "listen",
  "tcp-listen": "listen",
  "tcp-accept": "accept",
  "tcp-connect": "connect",
  "udp-bind": "udp",
  "udp-send": "udp",
  "udp-receive": "udp",
} as const satisfies { readonly [use in AddressUse]: string };

/** Returns the permission that a guest needs for a use; undefined for peers, of whose refusal it does not learn. */
export function permissionFor(use: NetworkUse): Permission | undefined {
  switch (use.tag) {
    case "socket":
      return use.kind;
    case "lookup":
      return "name-lookup";
    case "request":
      return "address";
    case "address":
      return isPeer(use.use) ? undefined : "address";
  }
}

/** Returns an allow rule that allows a use and no more than it must (net-rule.ts); undefined if there is none. */
export function ruleFor(use: NetworkUse): string | undefined {
  switch (use.tag) {
    case "socket":
      return undefined;
    case "lookup":
      return use.name;
    case "address":
      return `${ruleUses[use.use]}:${hostAndPort(use.address)}`;
    case "request": {
      const { to } = use;
      if ("port" in to) return `connect:${to.name}:${to.port}`;
      const { name, address } = to;
      return `connect:${name === undefined ? hostAndPort(address) : `${name}:${address.val.port}`}`;
    }
  }
}

/** Whether the address is a peer's, which connects or sends by itself. */
export function isPeer(use: AddressUse): boolean {
  return use === "tcp-accept" || use === "udp-receive";
}

/** A port that the system chooses is any port. */
function hostAndPort(address: IpSocketAddress): string {
  const ip = formatIp(ipOf(address));
  return `${address.tag === "ipv6" ? `[${ip}]` : ip}:${address.val.port === 0 ? "*" : address.val.port}`;
}
