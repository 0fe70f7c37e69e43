/** What `pollux serve` says of itself, on stderr, in wasmtime's words. */
import type { IpSocketAddress } from "../../machine/address.ts";
import { formatSocketAddress } from "../../machine/ip.ts";
import type { BoundAddress, ServerEvents } from "../../run/serve/options.ts";
import { writeErr } from "../output/output.ts";

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
