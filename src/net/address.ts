import { type Host, parseHost } from "../core/addresses/host.ts";
import type { IpAddressFamily, IpSocketAddress } from "../machine/address.ts";
import { formatIp, formatSocketAddress, ipOf, splitHostPort } from "../machine/ip.ts";
import { AddressError, type Operation } from "./errors.ts";

/**
 * A host and a port. The host is an IPv4 address, an IPv6 address (without brackets) or a name; the port is 0 to 65535.
 */
export interface HostPort {
  /** `127.0.0.1`, `::1`, `localhost`. */
  readonly host: string;
  /** 0 to 65535. */
  readonly port: number;
}

/** An address as it is given: `127.0.0.1:9999`, `[::1]:0`, `localhost:80`, or the same in two parts. */
export type AddressLike = string | HostPort;

/**
 * The address of one end of a connection, or of a listener. It can be dialled and listened on like any other; as a
 * string it is `127.0.0.1:9999`.
 */
export class Address implements HostPort {
  /** `ipv4` or `ipv6`. */
  readonly family: IpAddressFamily;
  /** Without brackets. */
  readonly host: string;
  /** 0 to 65535. */
  readonly port: number;
  readonly #text: string;

  /** @internal */
  constructor(address: IpSocketAddress) {
    this.family = address.tag;
    this.host = formatIp(ipOf(address));
    this.port = address.val.port;
    this.#text = formatSocketAddress(address);
  }

  /** `127.0.0.1:9999`, `[::1]:80`. */
  toString(): string {
    return this.#text;
  }
}

/** A parsed address. */
export interface Endpoint {
  readonly host: Host;
  readonly port: number;
  /** The address as errors name it. */
  readonly text: string;
}

type Fail = (reason: string) => never;

/** Parses an address. @throws AddressError if it is invalid */
export function parseAddress(operation: Operation, given: AddressLike): Endpoint {
  const text = typeof given === "string" ? given : joinHostPort(given);
  const fail: Fail = (reason) => {
    throw new AddressError(operation, text, reason);
  };
  const { host, port } = typeof given === "string" ? hostPortOf(given, fail) : given;
  if (!Number.isInteger(port) || port < 0 || port > 65535) fail("a port is a whole number from 0 to 65535");
  if (host === "") fail("no host (0.0.0.0 and [::] are all of this machine's addresses)");
  return { host: parseHost(host) ?? fail("the host is neither an address nor a name"), port, text };
}

function hostPortOf(text: string, fail: Fail): HostPort {
  const { host, port } = splitHostPort(text) ?? fail("not HOST:PORT (an IPv6 address stands in brackets: [::1]:80)");
  if (port === undefined) return fail("no port (write HOST:PORT)");
  return { host, port: /^\d{1,5}$/.test(port) ? Number(port) : Number.NaN };
}

function joinHostPort({ host, port }: HostPort): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]:${port}` : `${host}:${port}`;
}
