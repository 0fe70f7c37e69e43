import type { IpAddress, IpAddressFamily, IpSocketAddress } from "./address.ts";

/** Parses exactly `1.2.3.4`: four decimal octets without leading zeros. */
function parseIpv4(text: string): readonly number[] | undefined {
  const octets = text.split(".");
  const valid = octets.length === 4 && octets.every((octet) => /^(0|[1-9]\d{0,2})$/.test(octet) && Number(octet) < 256);
  return valid ? octets.map(Number) : undefined;
}

/** Parses the groups on one side of `::`; a last part in IPv4 form counts as two. */
function parseGroups(text: string): readonly number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [i, part] of parts.entries()) {
    const octets = i === parts.length - 1 ? parseIpv4(part) : undefined;
    if (octets !== undefined) groups.push((octets[0]! << 8) | octets[1]!, (octets[2]! << 8) | octets[3]!);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

/** Parses RFC 4291, section 2.2, without a zone id. */
function parseIpv6(text: string): readonly number[] | undefined {
  const sides = text.split("::");
  if (sides.length > 2) return undefined;
  const head = parseGroups(sides[0]!);
  const tail = sides.length === 2 ? parseGroups(sides[1]!) : [];
  if (head === undefined || tail === undefined) return undefined;
  const zeros = 8 - head.length - tail.length;
  if (sides.length === 2 ? zeros < 1 : zeros !== 0) return undefined;
  if (sides.length === 2 && sides[0]!.includes(".")) return undefined;
  return [...head, ...new Array<number>(zeros).fill(0), ...tail];
}

/** Parses the textual form of an address, strictly. Returns undefined if it is none. */
export function parseIp(text: string): IpAddress | undefined {
  const octets = parseIpv4(text);
  if (octets !== undefined) return { tag: "ipv4", val: octets };
  const groups = parseIpv6(text);
  return groups === undefined ? undefined : { tag: "ipv6", val: groups };
}

/**
 * Formats as RFC 5952: lower case, and `::` for the longest run of two or more zero groups (the first of equal ones).
 */
function formatIpv6(groups: readonly number[]): string {
  let best = { at: 0, length: 1 };
  for (let at = 0; at < groups.length; at++) {
    let length = 0;
    while (groups[at + length] === 0) length++;
    if (length > best.length) best = { at, length };
  }
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(":");
  if (best.length < 2) return hex(groups);
  return `${hex(groups.slice(0, best.at))}::${hex(groups.slice(best.at + best.length))}`;
}

export function formatIp(address: IpAddress): string {
  return address.tag === "ipv4" ? address.val.join(".") : formatIpv6(address.val);
}

/** Returns a socket address's address without its port. */
export function ipOf(address: IpSocketAddress): IpAddress {
  return { tag: address.tag, val: address.val.address };
}

export function socketAddressOf(ip: IpAddress, port: number): IpSocketAddress {
  return ip.tag === "ipv4"
    ? { tag: "ipv4", val: { port, address: ip.val } }
    : { tag: "ipv6", val: { port, flowInfo: 0, address: ip.val, scopeId: 0 } };
}

/** Formats as `127.0.0.1:80` or `[::1]:80`. */
export function formatSocketAddress(address: IpSocketAddress): string {
  const ip = formatIp(ipOf(address));
  return address.tag === "ipv4" ? `${ip}:${address.val.port}` : `[${ip}]:${address.val.port}`;
}

/**
 * Makes a socket address from a runtime's textual address, without its zone id, and a port.
 *
 * @throws if the text is no address
 */
export function socketAddress(text: string, port: number): IpSocketAddress {
  const zone = text.indexOf("%");
  const ip = parseIp(zone < 0 ? text : text.slice(0, zone));
  if (ip === undefined) throw new Error(`no address: ${text}`);
  return socketAddressOf(ip, port);
}

/** Returns `0.0.0.0:0` or `[::]:0`, the address of a socket before it is bound. */
export function unspecifiedAddress(family: IpAddressFamily): IpSocketAddress {
  return socketAddress(family === "ipv4" ? "0.0.0.0" : "::", 0);
}

/** Returns an IPv4-mapped address (::ffff:a.b.c.d) as IPv4, and any other unchanged. */
export function withoutMapping(address: IpAddress): IpAddress {
  const { tag, val } = address;
  const mapped = tag === "ipv6" && val[5] === 0xffff && val.slice(0, 5).every((group) => group === 0);
  if (!mapped) return address;
  const [high, low] = [val[6]!, val[7]!];
  return { tag: "ipv4", val: [high >> 8, high & 0xff, low >> 8, low & 0xff] };
}

/**
 * Splits `HOST:PORT` or `HOST`. An IPv6 address must be in brackets, which stay with the host. Returns undefined for
 * any other text, such as `::1:80`, whose last group could be the port. The caller checks host and port.
 */
export function splitHostPort(text: string): { readonly host: string; readonly port: string | undefined } | undefined {
  const [, host, port] = /^(\[[^\]]*\]|[^[\]:]*)(?::([^:]*))?$/.exec(text) ?? [];
  return host === undefined ? undefined : { host, port };
}
