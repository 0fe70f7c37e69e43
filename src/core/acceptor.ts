import { type ErrorCode, READABLE, type TcpHandle } from "../adapters/contract.ts";
import type { Condition } from "./condition.ts";
import type { NetworkPolicy } from "./network.ts";

/**
 * The connections that wait at a listening socket, of the peers that the policy lets in. Those of others are reset, and the
 * guest does not hear of them, by its pollable neither: where there can be some, a poll that finds a connection takes it.
 */
export class Acceptor {
  readonly #listener: TcpHandle;
  readonly #policy: NetworkPolicy;
  readonly #readiness: Condition;
  /** What a poll took. */
  #fetched: TcpHandle | ErrorCode | undefined;

  /** @param readiness Of the socket: ready, from `watch` on, with a connection. */
  constructor(listener: TcpHandle, policy: NetworkPolicy, readiness: Condition) {
    this.#listener = listener;
    this.#policy = policy;
    this.#readiness = readiness;
  }

  watch(): void {
    this.#readiness.watch(this.#listener.source, READABLE);
    if (this.#policy.screensAccept) this.#readiness.confirm = () => this.#fetch();
  }

  accept(): TcpHandle | ErrorCode {
    const fetched = this.#fetched;
    if (fetched === undefined) return this.#next();
    this.#fetched = undefined;
    this.watch();
    return fetched;
  }

  /** Lets go of what nobody will ask for. */
  close(): void {
    if (typeof this.#fetched === "object") this.#fetched.reset();
    this.#fetched = undefined;
  }

  #fetch(): boolean {
    const next = this.#next();
    if (next === "would-block") return false;
    this.#fetched = next;
    this.#readiness.settle();
    return true;
  }

  #next(): TcpHandle | ErrorCode {
    for (;;) {
      const handle = this.#listener.accept();
      if (typeof handle === "string" || this.#letsIn(handle)) return handle;
      handle.reset();
    }
  }

  #letsIn(handle: TcpHandle): boolean {
    if (!this.#policy.screensAccept) return true;
    const peer = handle.remoteAddress();
    return typeof peer === "object" && this.#policy.allows(peer, "tcp-accept");
  }
}
