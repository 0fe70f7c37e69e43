import type { Selector } from "../contract.ts";
import type { Context } from "./context.ts";
import type { Block } from "./ffi.ts";
import { Message } from "./message.ts";
import type { SocketCalls } from "./socket-calls.ts";

/** What the sockets of one machine share besides. */
export interface NetContext extends Context {
  readonly selector: Selector;
  readonly sockets: SocketCalls;
  /** A struct sockaddr_storage. */
  readonly sockaddr: Block;
  /** A struct sockaddr_storage of its own, for the sender of the datagram received last. */
  readonly sender: Block;
  /** `incoming` with `sender`, and `outgoing` with `sockaddr`, for recvmsg and sendmsg. */
  readonly incomingMessage: Message;
  readonly outgoingMessage: Message;
  /** A socklen_t. */
  readonly socklen: Block;
  /** The int that getsockopt and setsockopt take, or a struct linger. */
  readonly option: Block;
}

export async function createNetContext(context: Context, selector: Selector): Promise<NetContext> {
  const { sys, ffi, incoming, outgoing } = context;
  const sockaddr = sys.allocate(128);
  const sender = sys.allocate(128);
  return {
    ...context,
    selector,
    sockets: await sys.loadSockets(),
    sockaddr,
    sender,
    incomingMessage: new Message(sys, ffi, sender, incoming),
    outgoingMessage: new Message(sys, ffi, sockaddr, outgoing),
    socklen: sys.allocate(4),
    option: sys.allocate(8),
  };
}
