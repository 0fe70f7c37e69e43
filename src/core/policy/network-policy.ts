import type { IpSocketAddress } from "../../machine/address.ts";
import { ipOf, socketAddressOf, withoutMapping } from "../../machine/ip.ts";
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
import type { GuestNetwork, NetworkOptions, NetworkPolicy } from "./network.ts";
import { type NetworkUse, type Refusal, type RefusalReason, type RequestTarget, ruleUses } from "./refusal.ts";

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
 * @param onRefusal Called with each refusal
 */
export function networkPolicy(
  options: NetworkOptions,
  { allow, deny }: NetworkRules = { allow: [], deny: [] },
  onRefusal: (refusal: Refusal) => void = () => {},
): NetworkPolicy {
  const restricts = allow.length > 0;
  const ruled = restricts || deny.length > 0;
  const acceptRules = allow.filter(({ use }) => use === "accept");
  const learned = new LearnedAddresses(allow, deny);

  function refuse(use: NetworkUse, reason: RefusalReason): false {
    onRefusal({ use, reason });
    return false;
  }

  /** The reason for a refusal without a deny rule. */
  const unallowed: RefusalReason = restricts ? { tag: "not-allowed" } : { tag: "no-permission", permission: "address" };

  function mayMake(kind: "tcp" | "udp"): boolean {
    const given = options[kind];
    if (given ?? (options.inheritNetwork || restricts)) return true;
    const reason = given === false ? ({ tag: "off" } as const) : ({ tag: "no-permission", permission: kind } as const);
    return refuse({ tag: "socket", kind }, reason);
  }

  function mayRequest(to: RequestTarget): boolean {
    return options.httpRequests !== false || refuse({ tag: "request", to }, { tag: "off" });
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

  /**
   * @param otherwise The verdict without allow rules
   * @param allowed Whether an allow rule matches already
   */
  function judge(
    address: IpSocketAddress,
    use: RuleUse,
    otherwise: boolean,
    asked: () => NetworkUse,
    allowed = false,
  ): boolean {
    const denied = deny.find((rule) => matches(rule, address, use));
    if (denied !== undefined) return refuse(asked(), { tag: "denied", rule: denied.text });
    return (restricts ? allowed || isAllowed(address, use) : otherwise) || refuse(asked(), unallowed);
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
    const use: NetworkUse = { tag: "request", to: { name, port } };
    const denied = deny.find((rule) => isForRequest(rule, name, port) || byLookup(rule));
    if (denied !== undefined) return refuse(use, { tag: "denied", rule: denied.text });
    if (!restricts || allow.some((rule) => isForRequest(rule, name, port))) return true;
    // An address may still be allowed, if the name may be looked up.
    return options.allowIpNameLookup || allow.some(byLookup) || refuse(use, unallowed);
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
      return judge(address, ruleUses[use], options.inheritNetwork, () => ({ tag: "address", use, address }));
    },
    allowsLookup(name) {
      const byRule = (rule: NetRule): boolean =>
        (isForLookups(rule) || rule.host.tag === "name") && (name === undefined || matchesName(rule.host, name));
      const use: NetworkUse = { tag: "lookup", name };
      const denied = name === undefined ? undefined : deny.find((rule) => deniesLookup(rule, name));
      if (denied !== undefined) return refuse(use, { tag: "denied", rule: denied.text });
      if (options.allowIpNameLookup || allow.some(byRule)) return true;
      return refuse(use, { tag: "no-permission", permission: "name-lookup" });
    },
    allowsRequest(given, port) {
      const name = withoutRoot(given);
      return mayRequest({ name, port }) && (!ruled || requestTo(name, port));
    },
    allowsRequestTo(given, to) {
      const name = given === undefined ? undefined : withoutRoot(given);
      if (!mayRequest({ name, address: to })) return false;
      if (!ruled) return true;
      // The effective target: an IPv4-mapped address is an IPv4 one, and an unspecified one is this machine.
      const address = socketAddressOf(withoutMapping(ipOf(to)), to.val.port);
      const use = (): NetworkUse => ({ tag: "request", to: { name, address } });
      if (!isRemote(address) || !matchesFamily(address, address.tag)) return refuse(use(), { tag: "no-host" });
      const named = name !== undefined && allow.some((rule) => isForRequest(rule, name, to.val.port));
      return judge(address, "connect", true, use, named);
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

/** Returns the policy of a guest. */
export function guestPolicy(network: GuestNetwork): NetworkPolicy {
  return networkPolicy(network, network.rules, network.onRefusal);
}
