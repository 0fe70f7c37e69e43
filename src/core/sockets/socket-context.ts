import type { IpSocketAddress } from "../../machine/address.ts";
import type { Machine } from "../../machine/machine.ts";
import type { NetworkPolicy } from "../policy/network.ts";
import type { Poll } from "../wait/poll.ts";

/** Who is told of what becomes of a guest's sockets, to say why it failed. */
export interface SocketObserver {
  /** A socket was made, other than by an accept. */
  made(): void;
  /** Another socket has the address that one was to be bound to, or to listen on. */
  addressInUse(address: IpSocketAddress): void;
}

/** The dependencies of a socket. */
export interface SocketContext {
  readonly machine: Machine;
  readonly poll: Poll;
  readonly policy: NetworkPolicy;
  readonly socketObserver?: SocketObserver | undefined;
}
