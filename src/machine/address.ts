export type IpAddressFamily = "ipv4" | "ipv6";

/**
 * `wasi:sockets/network.ip-socket-address`. Ports, and the eight groups of an IPv6 address, are numbers in host order.
 */
export type IpSocketAddress =
  | { readonly tag: "ipv4"; readonly val: Ipv4SocketAddress }
  | { readonly tag: "ipv6"; readonly val: Ipv6SocketAddress };

export interface Ipv4SocketAddress {
  readonly port: number;
  /** Four octets, 0..255, most significant first. */
  readonly address: readonly number[];
}

export interface Ipv6SocketAddress {
  readonly port: number;
  readonly flowInfo: number;
  /** Eight groups, 0..65535, most significant first. */
  readonly address: readonly number[];
  readonly scopeId: number;
}

/** `wasi:sockets/network.ip-address`: four octets, or eight 16-bit groups, most significant first. */
export type IpAddress =
  | { readonly tag: "ipv4"; readonly val: readonly number[] }
  | { readonly tag: "ipv6"; readonly val: readonly number[] };
