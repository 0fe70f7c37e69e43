/** What `pollux serve` says of itself, on stderr, in wasmtime's words. */
import type { IpSocketAddress } from "../../machine/address.ts";
import { formatSocketAddress } from "../../machine/ip.ts";
import type { ListenError } from "../../run/serve/listen-error.ts";
import type { BoundAddress, ListenAddress, ServerEvents } from "../../run/serve/options.ts";
import { Failure } from "../output/failure.ts";
import { writeErr } from "../output/output.ts";
import { listenFailure, noListener } from "../run/listeners.ts";

export const tellEvents: Omit<ServerEvents, "failed"> = {
  listeningForShutdown: (address) => writeErr(listeningForShutdown(address)),
  listening: (address) => writeErr(servingOn(address)),
  waitingForRequests: () => writeErr("Waiting for child tasks to exit, ctrl-c again to quit sooner...\n"),
};

export function listeningForShutdown(address: IpSocketAddress): string {
  return `Listening for shutdown on tcp://${formatSocketAddress(address)}/\n`;
}

/** A unix socket has no URL that clients agree on: it is named as `--addr` names it. */
export function servingOn(bound: BoundAddress): string {
  const where = bound.tag === "unix" ? `unix:${bound.path}` : `http://${formatSocketAddress(bound.address)}/`;
  return `Serving HTTP on ${where}\n`;
}

/** wasmtime says the cause alone: here there may be several addresses. */
export function cannotListen({ address, code }: ListenError): Failure {
  if (code === "not-supported" && address.tag === "unix")
    return new Failure("--addr unix:PATH needs --net=posix: the runtime's own sockets are of the internet alone");
  if (address.tag === "descriptor") return noListener(code, `${described(address)} is no listening socket`);
  const cause = typeof code === "string" ? listenFailure(code) : `${code.message} (os error ${code.errno})`;
  const hint = code === "address-in-use" && address.tag === "tcp" ? anotherPort(address.address) : undefined;
  return new Failure(`failed to listen on ${described(address)}`, [cause], hint);
}

/** The hint for an address that another program has. */
function anotherPort(address: IpSocketAddress): string {
  const free = formatSocketAddress(address).replace(/\d+$/, "0");
  return `another program has this port: --addr '${free}' takes one that is free, and says which`;
}

function described(address: ListenAddress): string {
  if (address.tag === "tcp") return formatSocketAddress(address.address);
  return address.tag === "unix" ? `unix:${address.path}` : `file descriptor ${address.fd} of LISTEN_FDS`;
}
