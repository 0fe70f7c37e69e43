import type { IpAddress } from "../../machine/address.ts";
import { parseIp } from "../../machine/ip.ts";
import { mostSimilar } from "../../text/similar.ts";

/**
 * A rule of --allow-net and --deny-net:
 *
 *     [USE:]HOST[:PORTS]
 *     USE    connect | listen | accept | udp | dns; none: every use
 *     HOST   * | IPv4 | [IPv6] | IPv4/BITS | [IPv6/BITS] | IPv6/BITS | NAME | *.NAME (any depth below NAME, not NAME itself)
 *     PORTS  * | PORT | LOW-HIGH; none: every port
 */
export interface NetRule {
  /** As it was written. */
  readonly text: string;
  readonly use: RuleUse | undefined;
  readonly host: RuleHost;
  readonly ports: { readonly low: number; readonly high: number };
}

export type RuleUse = "connect" | "listen" | "accept" | "udp" | "dns";

export type RuleHost =
  | { readonly tag: "any" }
  | { readonly tag: "network"; readonly address: IpAddress; readonly bits: number }
  | { readonly tag: "name"; readonly name: string; readonly below: boolean };

const everyPort = { low: 0, high: 65535 };

export function isEveryPort({ ports }: NetRule): boolean {
  return ports.low === everyPort.low && ports.high === everyPort.high;
}

/** Parses a rule. @throws Error that names the wrong part */
export function parseNetRule(text: string): NetRule {
  refuseMistakes(text);
  const [, use, rest] = /^(?:(connect|listen|accept|udp|dns):)?(.*)$/s.exec(text) as RegExpExecArray;
  const { host, ports } = splitPorts(rest!);
  const rule = {
    text,
    use: use as RuleUse | undefined,
    host: parseHost(host),
    ports: ports === undefined ? everyPort : parsePorts(ports),
  };
  if (rule.use === "dns" && ports !== undefined) throw new Error(`a dns rule has no port: '${ports}'`);
  if (rule.use === "dns" && rule.host.tag === "network") throw new Error(`a dns rule names a name, not '${host}'`);
  return rule;
}

const ruleUseNames = ["connect", "listen", "accept", "udp", "dns"] as const;

/** Refuses rules that people write by mistake, and says what they may have meant. @throws Error */
function refuseMistakes(text: string): void {
  const url = /^(https?):\/\/([^/]*)/.exec(text);
  if (url !== null) {
    const [, scheme, host = ""] = url;
    const port = scheme === "https" ? 443 : 80;
    throw new Error(`a rule has no scheme: write ${/:\d+$/.test(host) ? host : `${host}:${port}`}`);
  }
  if (text.endsWith(".wasm")) throw new Error("the rule is missing");
  if (/^\d{1,5}$/.test(text)) throw new Error(`for a port everywhere: '*:${text}'`);
  const [, word = ""] = /^([a-z]+):[^:]+:[^:]*$/.exec(text) ?? [];
  const use = isUse(word) || parseIp(text) !== undefined ? undefined : mostSimilar(word, ruleUseNames);
  if (use !== undefined) throw new Error(`unknown use '${word}': did you mean '${use}'?`);
  const [, prefix = "", ip = "", port = ""] = /^((?:[a-z]+:)?)([0-9a-f:]*::[0-9a-f:]*):(\d{2,5})$/i.exec(text) ?? [];
  if (port !== "" && parseIp(ip) !== undefined)
    throw new Error(`an IPv6 address with a port: write ${prefix}[${ip}]:${port}`);
}

function isUse(word: string): boolean {
  return (ruleUseNames as readonly string[]).includes(word);
}

/** Splits the ports off. A host with more than one colon is an IPv6 address, which has ports only after brackets. */
function splitPorts(text: string): { host: string; ports: string | undefined } {
  const bracketed = /^\[([^\]]*)\](?:\/(\d+))?(?::(.*))?$/s.exec(text);
  if (bracketed !== null) {
    const [, address, bits, ports] = bracketed;
    if (!address!.includes(":")) throw new Error(`brackets are for IPv6 addresses: '${text}'`);
    return { host: bits === undefined ? address! : `${address}/${bits}`, ports };
  }
  const colon = text.indexOf(":");
  if (colon < 0 || text.indexOf(":", colon + 1) >= 0) return { host: text, ports: undefined };
  return { host: text.slice(0, colon), ports: text.slice(colon + 1) };
}

function parseHost(text: string): RuleHost {
  if (text === "*") return { tag: "any" };
  const [ip, bits, ...more] = text.split("/");
  const address = parseIp(ip!);
  if (address !== undefined && more.length === 0) {
    const width = address.tag === "ipv4" ? 32 : 128;
    if (bits === undefined) return { tag: "network", address, bits: width };
    if (!/^\d{1,3}$/.test(bits) || Number(bits) > width) throw new Error(`a prefix has 0 to ${width} bits: '/${bits}'`);
    return { tag: "network", address, bits: Number(bits) };
  }
  const below = text.startsWith("*.");
  const name = normalizeName(below ? text.slice(2) : text);
  if (name === undefined) throw new Error(`neither an address nor a name: '${text}'`);
  return { tag: "name", name, below };
}

const label = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;

/** Returns a name in lower case, without its final dot, IDNs in ASCII; undefined if it is not valid. */
export function normalizeName(text: string): string | undefined {
  const trimmed = text.endsWith(".") ? text.slice(0, -1) : text;
  if (/[\s/?#@:[\]\\%]/.test(trimmed) || trimmed === "") return undefined;
  const url = URL.parse(`http://${trimmed}/`);
  if (url === null || parseIp(url.hostname) !== undefined) return undefined;
  return url.hostname.split(".").every((part) => label.test(part)) ? url.hostname : undefined;
}

function parsePorts(text: string): { low: number; high: number } {
  if (text === "*") return everyPort;
  const range = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const low = Number(range?.[1]);
  const high = Number(range?.[2] ?? range?.[1]);
  if (range === null || high > 65535 || low > high) throw new Error(`not a port, a range LOW-HIGH or *: '${text}'`);
  return { low, high };
}

export function matchesName(host: RuleHost, name: string): boolean {
  if (host.tag === "any") return true;
  if (host.tag !== "name") return false;
  return host.below ? name.endsWith(`.${host.name}`) : name === host.name;
}

/** Whether the first `bits` of two addresses are equal. IPv4-mapped IPv6 never matches IPv4, as sockets are v6-only. */
export function matchesAddress(host: RuleHost, ip: IpAddress): boolean {
  if (host.tag === "any") return true;
  if (host.tag !== "network" || host.address.tag !== ip.tag) return false;
  const width = ip.tag === "ipv4" ? 8 : 16;
  return host.address.val.every((part, i) => {
    const bits = Math.min(Math.max(host.bits - i * width, 0), width);
    const mask = ((1 << bits) - 1) << (width - bits);
    return (part & mask) === (ip.val[i]! & mask);
  });
}

export function matchesPort({ ports }: NetRule, port: number): boolean {
  return ports.low <= port && port <= ports.high;
}

/** The rules of --allow-net and --deny-net. */
export interface NetworkRules {
  readonly allow: readonly NetRule[];
  readonly deny: readonly NetRule[];
}
