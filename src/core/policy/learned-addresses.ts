import type { IpAddress } from "../../machine/address.ts";
import { formatIp } from "../../machine/ip.ts";
import { matchesName, type NetRule } from "./net-rule.ts";

/** The most addresses that are kept for one rule. */
export const MOST_LEARNED = 1024;

/** For rules by name, the addresses that look-ups of such names gave. They alone are what such a rule applies to. */
export class LearnedAddresses {
  /** Oldest first. */
  readonly #addresses = new Map<NetRule, Set<string>>();
  readonly #denies: ReadonlySet<NetRule>;

  constructor(allow: readonly NetRule[], deny: readonly NetRule[]) {
    this.#denies = new Set(deny);
    // A rule for look-ups alone applies to no address.
    for (const rule of [...allow, ...deny]) {
      if (rule.host.tag === "name" && rule.use !== "dns") this.#addresses.set(rule, new Set());
    }
  }

  /** An allow rule forgets its oldest address to make room: the name has to be looked up again. A deny rule forgets none. */
  learn(name: string, address: IpAddress): void {
    const key = formatIp(address);
    for (const [rule, known] of this.#addresses) {
      if (!matchesName(rule.host, name)) continue;
      known.delete(key);
      known.add(key);
      const [oldest] = known;
      if (known.size > MOST_LEARNED && oldest !== undefined && !this.#denies.has(rule)) known.delete(oldest);
    }
  }

  has(rule: NetRule, address: IpAddress): boolean {
    return this.#addresses.get(rule)?.has(formatIp(address)) === true;
  }

  /** Whether a rule is to be told no more. */
  isFull(rule: NetRule): boolean {
    return (this.#addresses.get(rule)?.size ?? 0) >= MOST_LEARNED;
  }
}
