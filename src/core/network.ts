import type { IpAddress, IpSocketAddress } from "../adapters/contract.ts";
import { formatIp, formatSocketAddress, ipOf } from "../adapters/ip.ts";
import type { Host } from "./name-lookup.ts";
import { matchesAddress, matchesName, matchesPort, type NetRule, type RuleUse } from "./net-rule.ts";
import { Resource } from "./resource.ts";

/** `wasi:sockets/network.network`: carries nothing; what a guest may reach is the policy's. */
export class Network extends Resource {}

/** What an address is about to be used for; `*-bind` of an explicit bind only. */
export type AddressUse = "tcp-bind" | "tcp-listen" | "tcp-connect" | "udp-bind" | "udp-send";

/** What a guest may reach. */
export interface NetworkPolicy {
  /** Whether sockets may be made at all. */
  readonly tcp: boolean;
  readonly udp: boolean;
  /** Whether the guest may let the system choose its address, as a connect without a bind does. */
  readonly implicitBind: boolean;
  allows(address: IpSocketAddress, use: AddressUse): boolean;
  /** @param name lower case, ASCII, without a final dot; undefined: asks whether any name may be looked up */
  allowsLookup(name: string | undefined): boolean;
  /** Whether an HTTP request may go there, by what its authority says: the address behind a name is not seen. */
  allowsRequest(host: Host, port: number): boolean;
  /** The answer to a look-up that was allowed: what rules by name then apply to. */
  learn(name: string, address: IpAddress): void;
}

/** wasmtime's -S rules. Undefined: not given. */
export interface NetworkOptions {
  readonly inheritNetwork: boolean;
  readonly tcp: boolean | undefined;
  readonly udp: boolean | undefined;
  readonly allowIpNameLookup: boolean;
}

/** What a guest asked for and was not given. */
export type Permission = "tcp" | "udp" | "address" | "name-lookup";

/** The same policy, which tells of each refusal. */
export function watchedPolicy(policy: NetworkPolicy, onDenied: (what: Permission) => void): NetworkPolicy {
  const told = (allowed: boolean, what: Permission): boolean => {
    if (!allowed) onDenied(what);
    return allowed;
  };
  return {
    get tcp() {
      return told(policy.tcp, "tcp");
    },
    get udp() {
      return told(policy.udp, "udp");
    },
    get implicitBind() {
      return told(policy.implicitBind, "address");
    },
    allows: (address, use) => told(policy.allows(address, use), "address"),
    allowsLookup: (name) => told(policy.allowsLookup(name), "name-lookup"),
    allowsRequest: (host, port) => told(policy.allowsRequest(host, port), "address"),
    learn: (name, address) => policy.learn(name, address),
  };
}

/** --allow-net and --deny-net. */
export interface NetworkRules {
  readonly allow: readonly NetRule[];
  readonly deny: readonly NetRule[];
  /** Told of each refusal that the rules made, and why. */
  readonly onRefusal: (reason: string) => void;
}

/** tcp and udp follow inherit-network unless they are given; look-ups must always be asked for. */
export function optionsPolicy(options: NetworkOptions): NetworkPolicy {
  return {
    tcp: options.tcp ?? options.inheritNetwork,
    udp: options.udp ?? options.inheritNetwork,
    implicitBind: options.inheritNetwork,
    allows: () => options.inheritNetwork,
    allowsLookup: () => options.allowIpNameLookup,
    allowsRequest: () => true,
    learn: () => {},
  };
}

const ruleUses: { readonly [use in AddressUse]: RuleUse } = {
  "tcp-bind": "listen",
  "tcp-listen": "listen",
  "tcp-connect": "connect",
  "udp-bind": "udp",
  "udp-send": "udp",
};

/**
 * A deny rule by address that could not be kept for HTTP requests, and why: they may go to names, and the address behind a
 * name is found where no rule is looked at. Undefined: all can be kept.
 */
export function unseenByRequests({ allow, deny }: Pick<NetworkRules, "allow" | "deny">): string | undefined {
  const namesAllowed = allow.length === 0 || allow.some(({ host }) => host.tag !== "network");
  const connects = ({ use }: NetRule): boolean => use === undefined || use === "connect";
  const unseen = namesAllowed && deny.find((rule) => rule.host.tag === "network" && connects(rule));
  if (!unseen) return undefined;
  return `${unseen.text} cannot be kept for HTTP: a request names its host, and the address behind a name is not seen (deny names, or allow only addresses)`;
}

/**
 * Rules by address, on top of the -S options. Deny wins. With allow rules, only what one of them matches is allowed, and making
 * sockets is (unless -S says tcp=n or udp=n); without, the -S options say what is, less what is denied.
 *
 * A rule by name applies to the addresses that looking a matching name up has given this guest, and to no others, so that a
 * guest that makes up an address, or answers its own look-ups elsewhere, does not get round it. Such a rule allows the
 * look-up too.
 */
export function rulesPolicy(options: NetworkOptions, rules: NetworkRules): NetworkPolicy {
  const base = optionsPolicy(options);
  const restricts = rules.allow.length > 0;
  /** Address (textual) -> the names it was the answer for. */
  const learned = new Map<string, Set<string>>();

  function matches(rule: NetRule, address: IpSocketAddress, use: AddressUse): boolean {
    if (rule.use !== undefined && rule.use !== ruleUses[use]) return false;
    if (!matchesPort(rule, address.val.port)) return false;
    const ip = ipOf(address);
    if (rule.host.tag !== "name") return matchesAddress(rule.host, ip);
    const names = learned.get(formatIp(ip));
    return names !== undefined && [...names].some((name) => matchesName(rule.host, name));
  }

  function refuse(what: string, rule: NetRule | undefined): false {
    rules.onRefusal(`${what}: ${rule === undefined ? "no --allow-net rule allows it" : `--deny-net ${rule.text}`}`);
    return false;
  }

  return {
    tcp: options.tcp ?? (base.tcp || restricts),
    udp: options.udp ?? (base.udp || restricts),
    implicitBind: restricts || base.implicitBind,
    allows(address, use) {
      const denied = rules.deny.find((rule) => matches(rule, address, use));
      if (denied !== undefined) return refuse(`${use} ${formatSocketAddress(address)}`, denied);
      if (!restricts) return base.allows(address, use);
      return (
        rules.allow.some((rule) => matches(rule, address, use)) ||
        refuse(`${use} ${formatSocketAddress(address)}`, undefined)
      );
    },
    allowsLookup(name) {
      const byRule = (rule: NetRule): boolean =>
        (rule.use === "dns" || rule.host.tag === "name") && (name === undefined || matchesName(rule.host, name));
      if (name === undefined) return base.allowsLookup(name) || rules.allow.some(byRule);
      const denied = rules.deny.find((rule) => (rule.use ?? "dns") === "dns" && matchesName(rule.host, name));
      if (denied !== undefined) return refuse(`look-up of ${name}`, denied);
      return base.allowsLookup(name) || rules.allow.some(byRule) || refuse(`look-up of ${name}`, undefined);
    },
    allowsRequest(host, port) {
      const byRule = (rule: NetRule): boolean =>
        (rule.use === undefined || rule.use === "connect") &&
        matchesPort(rule, port) &&
        (host.tag === "address" ? matchesAddress(rule.host, host.address) : matchesName(rule.host, host.name));
      const byLookup = (rule: NetRule): boolean =>
        rule.use === "dns" && host.tag === "domain" && matchesName(rule.host, host.name);
      const what = `request to ${host.tag === "address" ? formatIp(host.address) : host.name}:${port}`;
      const denied = rules.deny.find((rule) => byRule(rule) || byLookup(rule));
      if (denied !== undefined) return refuse(what, denied);
      return !restricts || rules.allow.some(byRule) || refuse(what, undefined);
    },
    learn(name, address) {
      const key = formatIp(address);
      const names = learned.get(key) ?? new Set();
      learned.set(key, names.add(name));
    },
  };
}
