import type { ErrorCode } from "../../machine/error-code.ts";
import type { TcpHandle } from "../../machine/sockets.ts";
import type { NetworkPolicy } from "../policy/network.ts";
import type { Condition } from "../wait/condition.ts";
import { Lookahead } from "./lookahead.ts";

/**
 * The connections that wait at a listening socket, of the peers that the policy lets in. Those of others are reset, and the
 * guest does not hear of them, by its pollable neither.
 */
export class Acceptor {
  readonly #listener: TcpHandle;
  readonly #policy: NetworkPolicy;
  readonly #ahead: Lookahead<TcpHandle>;

  /** @param readiness Of the socket: ready, from `watch` on, with a connection. */
  constructor(listener: TcpHandle, policy: NetworkPolicy, readiness: Condition) {
    this.#listener = listener;
    this.#policy = policy;
    this.#ahead = new Lookahead(readiness, listener.source, () => this.#next());
  }

  watch(): void {
    this.#ahead.watch(this.#policy.screensAccept);
  }

  accept(): TcpHandle | ErrorCode {
    return this.#ahead.take();
  }

  /** Lets go of what nobody will ask for. */
  close(): void {
    const fetched = this.#ahead.drop();
    if (typeof fetched === "object") fetched.reset();
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
