/** Refusals of a network policy in words, as `-v` shows them. */
import {
  isPeer,
  type NetworkUse,
  type Permission,
  type Refusal,
  type RefusalReason,
} from "../../core/policy/refusal.ts";
import { formatIp, formatSocketAddress, ipOf } from "../../machine/ip.ts";

const permissionOptions: Readonly<Record<Permission, string>> = {
  tcp: "-Stcp, -Sinherit-network",
  udp: "-Sudp, -Sinherit-network",
  address: "-Sinherit-network",
  "name-lookup": "-Sallow-ip-name-lookup",
};

/** Returns a listener that writes each refusal, equal ones in a row once. */
export function refusalLog(write: (text: string) => void): (refusal: Refusal) => void {
  let last: string | undefined;
  return (refusal) => {
    const text = refusalText(refusal);
    if (text !== last) write(text);
    last = text;
  };
}

function refusalText({ use, reason }: Refusal): string {
  return `${useText(use)}: ${reasonText(use, reason)}`;
}

function useText(use: NetworkUse): string {
  switch (use.tag) {
    case "socket":
      return `create-${use.kind}-socket`;
    case "lookup":
      return use.name === undefined ? "look-up of names" : `look-up of ${use.name}`;
    // Peers are many and use any port, so they are named by address only.
    case "address":
      return `${use.use} ${isPeer(use.use) ? formatIp(ipOf(use.address)) : formatSocketAddress(use.address)}`;
    case "request": {
      const { to } = use;
      if ("port" in to) return `request to ${to.name}:${to.port}`;
      return `request to ${formatSocketAddress(to.address)}${to.name === undefined ? "" : ` for ${to.name}`}`;
    }
  }
}

function reasonText(use: NetworkUse, reason: RefusalReason): string {
  switch (reason.tag) {
    case "denied":
      return `--deny-net ${reason.rule}`;
    case "not-allowed":
      return "no --allow-net rule allows it";
    case "no-permission":
      return `neither ${permissionOptions[reason.permission]} nor an --allow-net rule allows it`;
    case "off":
      return use.tag === "socket" ? `-S${use.kind}=n` : "HTTP requests are not allowed";
    case "no-host":
      return "not the address of a host";
  }
}
