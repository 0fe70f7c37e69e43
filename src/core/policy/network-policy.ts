import type { IpSocketAddress } from "../../machine/address.ts";
import { formatIp, formatSocketAddress, ipOf, socketAddressOf, withoutMapping } from "../../machine/ip.ts";
import { isRemote, matchesFamily } from "../addresses/address.ts";
import { LearnedAddresses } from "./learned-addresses.ts";
import {
  isEveryPort,
  matchesAddress,
  matchesName,
  matchesPort,
  type NetRule,
  type NetworkRules,
  type RuleUse,
} from "./net-rule.ts";
import type { AddressUse, GuestNetwork, NetworkOptions, NetworkPolicy, OnDenied, Permission } from "./network.ts";

const ruleUses: { readonly [use in AddressUse]: RuleUse } = {
  "tcp-bind": "listen",
  "tcp-listen": "listen",
  "tcp-accept": "accept",
  "tcp-connect": "connect",
  "udp-bind": "udp",
  "udp-send": "udp",
  "udp-receive": "udp",
};

function isFor({ use }: NetRule, wanted: RuleUse): boolean {
  return use === undefined || use === wanted;
}

/**
 * Returns a policy made of the -S options and of rules on top of them. Deny rules win. With allow rules, only what one of them
 * matches is allowed, and making sockets is (unless -S says tcp=n or udp=n). Without allow rules, the -S options decide what is not
 * denied. An allowed listener accepts every peer that no deny rule matches; if there are allow rules for `accept`, only peers that
 * one matches.
 *
 * A rule by name applies only to the addresses that look-ups of a matching name gave. So a guest cannot get round an allow rule by
 * making up an address, or by answering its own look-ups elsewhere. For deny rules, exact names are looked up before the guest
 * starts (`deniedNames`). A rule by name for every use and port applies to the look-up, too.
 *
 * @param onRefusal Called with the reason of each refusal. Equal ones in a row are reported once
 */
export function networkPolicy(
  options: NetworkOptions,
  { allow, deny }: NetworkRules = { allow: [], deny: [] },
  onRefusal: (reason: string) => void = () => {},
): NetworkPolicy {
  const restricts = allow.length > 0;
  const ruled = restricts || deny.length > 0;
  const acceptRules = allow.filter(({ use }) => use === "accept");
  const learned = new LearnedAddresses(allow, deny);
  let last: string | undefined;

  function refuse(what: string, why: string): false {
    const reason = `${what}: ${why}`;
    if (reason !== last) onRefusal(reason);
    last = reason;
    return false;
  }

  /** The reason for a refusal without a deny rule. */
  const missing = (option: string) => `neither ${option} nor an --allow-net rule allows it`;
  const unallowed = restricts ? "no --allow-net rule allows it" : missing("-Sinherit-network");

  function mayMake(kind: "tcp" | "udp"): boolean {
    const given = options[kind];
    if (given ?? (options.inheritNetwork || restricts)) return true;
    return refuse(`create-${kind}-socket`, given === false ? `-S${kind}=n` : missing(`-S${kind}, -Sinherit-network`));
  }

  function mayRequest(): boolean {
    return options.httpRequests !== false || refuse("HTTP requests", "they are not allowed");
  }

  function matches(rule: NetRule, address: IpSocketAddress, use: RuleUse): boolean {
    if (!isFor(rule, use) || !matchesPort(rule, address.val.port)) return false;
    const ip = ipOf(address);
    return rule.host.tag === "name" ? learned.has(rule, ip) : matchesAddress(rule.host, ip);
  }

  function isAllowed(address: IpSocketAddress, use: RuleUse): boolean {
    if (use === "accept" && acceptRules.length === 0) return true;
    return (use === "accept" ? acceptRules : allow).some((rule) => matches(rule, address, use));
  }

  /** Returns the text for an address. Peers are many and use any port, so they are named by address only. */
  function described(address: IpSocketAddress, use: AddressUse): string {
    const peer = use === "tcp-accept" || use === "udp-receive";
    return `${use} ${peer ? formatIp(ipOf(address)) : formatSocketAddress(address)}`;
  }

  /**
   * @param otherwise The verdict without allow rules
   * @param allowed Whether an allow rule matches already
   */
  function judge(
    address: IpSocketAddress,
    use: RuleUse,
    otherwise: boolean,
    what: () => string,
    allowed = false,
  ): boolean {
    const denied = deny.find((rule) => matches(rule, address, use));
    if (denied !== undefined) return refuse(what(), `--deny-net ${denied.text}`);
    return (restricts ? allowed || isAllowed(address, use) : otherwise) || refuse(what(), unallowed);
  }

  /** Whether a deny rule refuses a look-up: as it applies to look-ups, or as it cannot be told more addresses. */
  function deniesLookup(rule: NetRule, name: string): boolean {
    if (!matchesName(rule.host, name)) return false;
    return isForLookups(rule) || learned.isFull(rule);
  }

  /** Whether the rule applies to requests to the name. */
  function isForRequest(rule: NetRule, name: string, port: number): boolean {
    return isFor(rule, "connect") && matchesPort(rule, port) && matchesName(rule.host, name);
  }

  function requestTo(name: string, port: number): boolean {
    const byLookup = (rule: NetRule): boolean => rule.use === "dns" && matchesName(rule.host, name);
    const what = `request to ${name}:${port}`;
    const denied = deny.find((rule) => isForRequest(rule, name, port) || byLookup(rule));
    if (denied !== undefined) return refuse(what, `--deny-net ${denied.text}`);
    if (!restricts || allow.some((rule) => isForRequest(rule, name, port))) return true;
    // An address may still be allowed, if the name may be looked up.
    return options.allowIpNameLookup || allow.some(byLookup) || refuse(what, unallowed);
  }

  return {
    get tcp() {
      return mayMake("tcp");
    },
    get udp() {
      return mayMake("udp");
    },
    screensAccept: acceptRules.length > 0 || deny.some((rule) => isFor(rule, "accept")),
    screensReceive: restricts || deny.some((rule) => isFor(rule, "udp")),
    deniedNames: deny.flatMap(({ host, use }) =>
      host.tag === "name" && !host.below && use !== "dns" ? [host.name] : [],
    ),
    allows(address, use) {
      if (!ruled && options.inheritNetwork) return true;
      return judge(address, ruleUses[use], options.inheritNetwork, () => described(address, use));
    },
    allowsLookup(name) {
      const byRule = (rule: NetRule): boolean =>
        (isForLookups(rule) || rule.host.tag === "name") && (name === undefined || matchesName(rule.host, name));
      const what = name === undefined ? "look-up of names" : `look-up of ${name}`;
      const denied = name === undefined ? undefined : deny.find((rule) => deniesLookup(rule, name));
      if (denied !== undefined) return refuse(what, `--deny-net ${denied.text}`);
      return options.allowIpNameLookup || allow.some(byRule) || refuse(what, missing("-Sallow-ip-name-lookup"));
    },
    allowsRequest: (name, port) => mayRequest() && (!ruled || requestTo(withoutRoot(name), port)),
    allowsRequestTo(name, to) {
      if (!mayRequest()) return false;
      if (!ruled) return true;
      // The effective target: an IPv4-mapped address is an IPv4 one, and an unspecified one is this machine.
      const address = socketAddressOf(withoutMapping(ipOf(to)), to.val.port);
      const from = name === undefined ? "" : ` for ${name}`;
      const what = () => `request to ${formatSocketAddress(address)}${from}`;
      if (!isRemote(address) || !matchesFamily(address, address.tag))
        return refuse(what(), "not the address of a host");
      const named = name !== undefined && allow.some((rule) => isForRequest(rule, withoutRoot(name), to.val.port));
      return judge(address, "connect", true, what, named);
    },
    learn: (name, address) => learned.learn(name, address),
  };
}

/** Returns a name without its final dot. */
function withoutRoot(name: string): string {
  return name.replace(/\.$/, "");
}

/** Whether the rule applies to look-ups, among others. */
function isForLookups(rule: NetRule): boolean {
  if (rule.host.tag === "network") return false;
  return rule.use === "dns" || (rule.use === undefined && isEveryPort(rule));
}

/** Returns the policy with a report of each refusal. */
function watchedPolicy(policy: NetworkPolicy, onDenied: OnDenied): NetworkPolicy {
  const told = (allowed: boolean, what: Permission, rule?: () => string): boolean => {
    if (!allowed) onDenied(what, rule?.());
    return allowed;
  };
  return {
    get tcp() {
      return told(policy.tcp, "tcp");
    },
    get udp() {
      return told(policy.udp, "udp");
    },
    screensAccept: policy.screensAccept,
    screensReceive: policy.screensReceive,
    deniedNames: policy.deniedNames,
    allows(address, use) {
      const allowed = policy.allows(address, use);
      if (use === "tcp-accept" || use === "udp-receive") return allowed;
      return told(allowed, "address", () => `${ruleUses[use]}:${hostAndPort(address)}`);
    },
    allowsLookup: (name) => told(policy.allowsLookup(name), "name-lookup", name === undefined ? undefined : () => name),
    allowsRequest: (name, port) =>
      told(policy.allowsRequest(name, port), "address", () => `connect:${withoutRoot(name)}:${port}`),
    allowsRequestTo: (name, address) =>
      told(policy.allowsRequestTo(name, address), "address", () =>
        name === undefined ? `connect:${hostAndPort(address)}` : `connect:${withoutRoot(name)}:${address.val.port}`,
      ),
    learn: (name, address) => policy.learn(name, address),
  };
}

/** Formats an address for a rule: a port that the system chooses is any. */
function hostAndPort(address: IpSocketAddress): string {
  const ip = formatIp(ipOf(address));
  return `${address.tag === "ipv6" ? `[${ip}]` : ip}:${address.val.port === 0 ? "*" : address.val.port}`;
}

/** Returns the policy of a guest. */
export function guestPolicy(network: GuestNetwork): NetworkPolicy {
  const policy = networkPolicy(network, network.rules, network.onRefusal);
  return network.onDenied === undefined ? policy : watchedPolicy(policy, network.onDenied);
}
