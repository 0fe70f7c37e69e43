/** Addresses that a server listens on, as `--addr` and `--shutdown-addr` name them. */
import type { IpSocketAddress } from "../../machine/address.ts";
import { parseIp, socketAddressOf, splitHostPort } from "../../machine/ip.ts";
import type { ListenAddress } from "../../run/serve/options.ts";
import { ValueError } from "./groups/value.ts";

/** Bytes of a path that every system's sockaddr_un can hold, with a NUL behind it: macOS has 104, Linux 108. */
const MAX_UNIX_PATH = 103;

const UNIX = "unix:";

/** `IP:PORT`, an IPv6 address in brackets; `unix:PATH`. @throws ValueError */
export function parseListenAddress(text: string): ListenAddress {
  if (!text.startsWith(UNIX)) return { tag: "tcp", address: parseSocketAddress(text) };
  const path = text.slice(UNIX.length);
  if (path === "") throw new ValueError("a unix socket needs a path");
  if (path.includes("\0")) throw new ValueError("a path has no NUL");
  if (Buffer.byteLength(path) > MAX_UNIX_PATH)
    throw new ValueError(`the path of a unix socket has at most ${MAX_UNIX_PATH} bytes`);
  return { tag: "unix", path };
}

/** As Rust's `SocketAddr` reads one: names are none, and an IPv6 scope is a number. @throws ValueError in its words */
export function parseSocketAddress(text: string): IpSocketAddress {
  const { host = "", port = "" } = splitHostPort(text) ?? {};
  const [, bracketed, scope = "0"] = /^\[([^%]*)(?:%(\d+))?\]$/.exec(host) ?? [];
  const ip = parseIp(bracketed ?? host);
  const family = bracketed === undefined ? "ipv4" : "ipv6";
  if (ip?.tag !== family || !/^\d+$/.test(port) || Number(port) > 0xffff || Number(scope) > 0xffff_ffff)
    throw new ValueError("invalid socket address syntax");
  const address = socketAddressOf(ip, Number(port));
  return address.tag === "ipv4" ? address : { tag: "ipv6", val: { ...address.val, scopeId: Number(scope) } };
}
