import type { Machine } from "../../machine/machine.ts";
import type { NetworkPolicy } from "../policy/network.ts";
import type { SocketObserver } from "../policy/socket-observer.ts";
import type { Poll } from "../wait/poll.ts";

/** The dependencies of a socket. */
export interface SocketContext {
  readonly machine: Machine;
  readonly poll: Poll;
  readonly policy: NetworkPolicy;
  readonly socketObserver?: SocketObserver | undefined;
}
