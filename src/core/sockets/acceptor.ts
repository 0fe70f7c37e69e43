import type { ErrorCode } from "../../machine/error-code.ts";
import type { TcpHandle } from "../../machine/sockets.ts";
import type { NetworkPolicy } from "../policy/network.ts";
import type { Condition } from "../wait/condition.ts";
import { Lookahead } from "./lookahead.ts";

/**
 * The incoming connections of a listening socket, from peers that the policy allows. Connections of others are reset. The guest
 * does not notice them, not even by its pollable.
 */
export class Acceptor {
  readonly #listener: TcpHandle;
  readonly #policy: NetworkPolicy;
  readonly #ahead: Lookahead<TcpHandle>;

  /** @param readiness The socket's. Once `watch` is called, it holds while there is a connection */
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

  /** Closes a connection that was taken in advance. */
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
