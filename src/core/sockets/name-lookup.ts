import type { IpAddress } from "../../machine/address.ts";
import type { ErrorCode } from "../../machine/error-code.ts";
import { READABLE } from "../../machine/selector.ts";
import type { LookupHandle } from "../../machine/sockets.ts";
import { parseHost } from "../addresses/host.ts";
import { Condition } from "../wait/condition.ts";
import type { SocketContext } from "./socket-context.ts";

/** A name look-up of a guest. */
export class NameLookup {
  /** Holds when the addresses or an error are there. */
  readonly readiness: Condition;
  readonly #cx: SocketContext;
  readonly #name: string;
  #lookup: LookupHandle | undefined;
  #answer: readonly IpAddress[] | ErrorCode;

  private constructor(
    cx: SocketContext,
    name: string,
    pending: LookupHandle | undefined,
    answer: readonly IpAddress[],
  ) {
    this.#cx = cx;
    this.#name = name;
    this.#lookup = pending;
    if (pending !== undefined) cx.poll.opened(pending);
    this.#answer = pending === undefined ? answer : "would-block";
    this.readiness = pending === undefined ? Condition.ready() : Condition.source(pending.source, READABLE);
    // Asked even if the guest does not ask: a look-up behind this one may begin once its answer was seen.
    if (pending !== undefined) this.readiness.confirm = () => pending.addresses() !== "would-block";
  }

  /** Starts a look-up. Whether look-ups are allowed is checked first, even for literals and invalid names. */
  static start(cx: SocketContext, text: string): NameLookup | ErrorCode {
    if (!cx.policy.allowsLookup(undefined)) return "permanent-resolver-failure";
    const host = parseHost(text);
    if (host === undefined) return "invalid-argument";
    if (host.tag === "address") return new NameLookup(cx, text, undefined, [host.address]);
    if (!cx.policy.allowsLookup(host.name.replace(/\.$/, ""))) return "permanent-resolver-failure";
    const lookup = cx.machine.net.lookup(host.name);
    return typeof lookup === "string" ? lookup : new NameLookup(cx, host.name, lookup, []);
  }

  /**
   * Returns the addresses in the resolver's order, each once; `would-block` if they are not there yet. An error is returned each
   * time.
   */
  addresses(): readonly IpAddress[] | ErrorCode {
    if (this.#lookup !== undefined) this.#poll(this.#lookup);
    return this.#answer;
  }

  #poll(lookup: LookupHandle): void {
    const answer = lookup.addresses();
    if (answer === "would-block") return;
    this.#answer = answer;
    this.#lookup = undefined;
    this.#cx.poll.close(lookup);
    this.readiness.markReady();
    if (typeof answer === "string") return;
    for (const address of answer) this.#cx.policy.learn(this.#name.replace(/\.$/, ""), address);
  }

  /** Forgets the look-up. An answer that still comes is dropped. */
  close(): void {
    if (this.#lookup !== undefined) this.#cx.poll.close(this.#lookup);
  }
}
