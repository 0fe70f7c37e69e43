import type { IpSocketAddress } from "../../machine/address.ts";

/** Is told of a guest's sockets, to say why it failed. */
export interface SocketObserver {
  /** A socket was made, other than by an accept. */
  made(): void;
  /** Another socket has the address that one was to be bound to, or to listen on. */
  addressInUse(address: IpSocketAddress): void;
}
