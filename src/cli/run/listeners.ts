/** Sockets that the host opens for a core module: -Stcplisten, and the service manager's (-Slistenfd). */
import process from "node:process";
import { Condition } from "../../core/wait/condition.ts";
import { BlockingPoll } from "../../core/wait/poll.ts";
import type { IpAddress } from "../../machine/address.ts";
import type { ErrorCode } from "../../machine/error-code.ts";
import type { IoError } from "../../machine/files.ts";
import { formatSocketAddress, parseIp, socketAddressOf, splitHostPort } from "../../machine/ip.ts";
import type { Machine } from "../../machine/machine.ts";
import { READABLE } from "../../machine/selector.ts";
import type { TcpHandle } from "../../machine/sockets.ts";
import { Failure } from "../output/failure.ts";
import { hostEnvironment } from "./host-strings.ts";

/** Rust's, for sockets that programs listen on. */
const BACKLOG = 128;

/** The first fd that a service manager hands in (sd_listen_fds(3)). */
const LISTEN_FDS_START = 3;

/** No process has more descriptors (Linux's fs.nr_open). */
const MAX_FDS = 1 << 20;

/**
 * Binds and listens.
 *
 * @param text `ADDR[:PORT]`: an IP address, an IPv6 one in brackets when a port follows, or a name; port 0, or none, is the
 *   kernel's choice
 * @throws Failure as wasmtime's
 */
export function openListener(machine: Machine, text: string): TcpHandle {
  const failed = (cause: string) => new Failure(`failed to bind to address '${text}'`, [cause]);
  const parsed = splitAddress(text);
  if (typeof parsed === "string") throw failed(parsed);
  const addresses = resolve(machine, parsed.host);
  if (typeof addresses === "string") throw failed(addresses);
  let failure: ErrorCode = "name-unresolvable";
  for (const ip of addresses) {
    const handle = listen(machine, ip, parsed.port);
    if (typeof handle !== "string") return handle;
    failure = handle;
  }
  throw failed(listenFailure(failure));
}

function splitAddress(text: string): { readonly host: string; readonly port: number } | string {
  // One without brackets that has several colons is an IPv6 address without a port.
  const { host: name, port = "0" } = splitHostPort(text) ?? { host: text };
  const host = name.replace(/^\[(.*)\]$/, "$1");
  if (host === "") return "invalid socket address";
  if (/^\d+$/.test(text)) return "expected ADDRESS:PORT, such as 127.0.0.1:9999";
  if (!/^\d+$/.test(port) || Number(port) > 65535) return "invalid port value";
  return { host, port: Number(port) };
}

/** The addresses of a name, or what went wrong. */
function resolve(machine: Machine, host: string): readonly IpAddress[] | string {
  const literal = parseIp(host);
  if (literal !== undefined) return [literal];
  if (machine.selector.neverWaits) return "without libc (--net=posix) only IP addresses can be bound, no names";
  const lookup = machine.net.lookup(host);
  if (typeof lookup === "string") return lookup;
  const poll = new BlockingPoll(machine);
  poll.block(Condition.source(lookup.source, READABLE));
  const addresses = lookup.addresses();
  poll.forget(lookup.source);
  lookup.close();
  return typeof addresses === "string" ? "failed to lookup address information: Name or service not known" : addresses;
}

function listen(machine: Machine, ip: IpAddress, port: number): TcpHandle | ErrorCode {
  const handle = machine.net.createTcpSocket(ip.tag);
  if (typeof handle === "string") return handle;
  const failure = handle.bind(socketAddressOf(ip, port)) ?? handle.listen(BACKLOG);
  if (failure === undefined) return handle;
  handle.close();
  return failure;
}

/** Why it is not listened on an address, in Rust's words. */
export function listenFailure(code: ErrorCode): string {
  return osErrors[code] ?? code;
}

/** As Rust's std::io::Error prints what binding can answer. */
const osErrors: { readonly [code in ErrorCode]?: string } = {
  "access-denied": "Permission denied (os error 13)",
  "address-in-use": "Address already in use (os error 98)",
  "address-not-bindable": "Cannot assign requested address (os error 99)",
  "new-socket-limit": "Too many open files (os error 24)",
  "not-supported": "Address family not supported by protocol (os error 97)",
};

/** The address that a listener has, for people. */
export function localAddress(handle: TcpHandle): string {
  const address = handle.localAddress();
  return typeof address === "string" ? address : formatSocketAddress(address);
}

/**
 * The fds that the service manager hands in to this process (sd_listen_fds(3)).
 *
 * @throws Failure for what is no number of descriptors
 */
export function inheritedFds(): number[] {
  const [count, pid] = ["LISTEN_FDS", "LISTEN_PID"].map(hostEnvironment.get);
  if (!count || (pid !== undefined && pid !== String(process.pid))) return [];
  if (!/^\d+$/.test(count) || Number(count) > MAX_FDS)
    throw new Failure(`LISTEN_FDS is no number of sockets: ${count}`);
  return Array.from({ length: Number(count) }, (_, i) => LISTEN_FDS_START + i);
}

/** @throws Failure for one that is no listening TCP socket, or where the machine's sockets are the runtime's own */
export function adoptListeners(machine: Machine, fds: readonly number[]): TcpHandle[] {
  return fds.map((fd) => {
    const handle = machine.net.adoptListener(fd);
    const sentence = `file descriptor ${fd} of LISTEN_FDS is no listening TCP socket`;
    if (typeof handle === "string") throw noListener(handle, sentence);
    if (handle.unixPath !== undefined) throw new Failure(sentence);
    return handle;
  });
}

/** Why a descriptor of LISTEN_FDS cannot be listened on. @param otherwise What it is, unless the machine cannot take any */
export function noListener(code: ErrorCode | IoError, otherwise: string): Failure {
  return new Failure(
    code === "not-supported"
      ? "--listenfd needs --net=posix: the runtime cannot take the sockets of LISTEN_FDS"
      : otherwise,
  );
}
