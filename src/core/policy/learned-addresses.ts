import type { IpAddress } from "../../machine/address.ts";
import { formatIp } from "../../machine/ip.ts";
import { matchesName, type NetRule } from "./net-rule.ts";

/** The most addresses that are kept for one rule. */
export const MOST_LEARNED = 1024;

/** The addresses that look-ups gave, for each rule by name. Such a rule applies to them alone. */
export class LearnedAddresses {
  /** Oldest first. */
  readonly #addresses = new Map<NetRule, Set<string>>();
  readonly #denies: ReadonlySet<NetRule>;

  constructor(allow: readonly NetRule[], deny: readonly NetRule[]) {
    this.#denies = new Set(deny);
    // Rules for look-ups alone apply to no address.
    for (const rule of [...allow, ...deny]) {
      if (rule.host.tag === "name" && rule.use !== "dns") this.#addresses.set(rule, new Set());
    }
  }

  /**
   * Records an address of a name. A full allow rule forgets its oldest address, so that its name has to be looked up again. A deny
   * rule forgets none.
   */
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

  /** Whether a rule has its most addresses. */
  isFull(rule: NetRule): boolean {
    return (this.#addresses.get(rule)?.size ?? 0) >= MOST_LEARNED;
  }
}
