import type { IpAddressFamily, IpSocketAddress } from "../../machine/address.ts";

/**
 * Checks of addresses before their use. The rules are wasmtime's; a violation is invalid-argument. Ports and groups are in host
 * order.
 */

/** Returns the four octets of an IPv4 address, or of an IPv4-mapped IPv6 address (`::ffff:a.b.c.d`); undefined for others. */
function ipv4Octets(address: IpSocketAddress): readonly number[] | undefined {
  if (address.tag === "ipv4") return address.val.address;
  const groups = address.val.address;
  const mapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  if (!mapped) return undefined;
  const [high, low] = [groups[6]!, groups[7]!];
  return [high >> 8, high & 0xff, low >> 8, low & 0xff];
}

/** Whether an address is IPv4-compatible (`::a.b.c.d`, deprecated): the first 96 bits are 0. Not `::` and `::1`. */
function isIpv4Compatible(groups: readonly number[]): boolean {
  return groups.slice(0, 6).every((group) => group === 0) && (groups[6] !== 0 || groups[7]! > 1);
}

/** Whether a socket of `family` can use the address. IPv6 sockets are v6-only, so IPv4-mapped addresses are refused. */
export function matchesFamily(address: IpSocketAddress, family: IpAddressFamily): boolean {
  if (address.tag !== family) return false;
  return address.tag === "ipv4" || (ipv4Octets(address) === undefined && !isIpv4Compatible(address.val.address));
}

/** Whether the address is neither multicast nor the IPv4 broadcast address. */
export function isUnicast(address: IpSocketAddress): boolean {
  const octets = ipv4Octets(address);
  if (octets !== undefined) return (octets[0]! & 0xf0) !== 0xe0 && !octets.every((octet) => octet === 255);
  return address.tag === "ipv6" && address.val.address[0]! >> 8 !== 0xff;
}

/** Whether two addresses are equal in every part, including an IPv6 address's scope and flow. */
export function isSame(a: IpSocketAddress, b: IpSocketAddress): boolean {
  if (a.val.port !== b.val.port || !a.val.address.every((part, i) => part === b.val.address[i])) return false;
  if (a.tag === "ipv4" || b.tag === "ipv4") return a.tag === b.tag;
  return a.val.scopeId === b.val.scopeId && a.val.flowInfo === b.val.flowInfo;
}

/** Whether it is an address to connect or send to: neither the address nor the port is unspecified. */
export function isRemote(address: IpSocketAddress): boolean {
  const parts = ipv4Octets(address) ?? address.val.address;
  return address.val.port !== 0 && parts.some((part) => part !== 0);
}
