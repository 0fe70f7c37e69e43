import type { Selector } from "../../../machine/selector.ts";
import type { PosixContext } from "../libc/context.ts";
import { type Block, MemoryAddress } from "../libc/ffi.ts";
import type { SocketCalls } from "../libc/socket-calls.ts";
import { Message } from "./message.ts";

/** What the sockets of one machine share besides. */
export interface NetContext extends PosixContext {
  readonly selector: Selector;
  readonly sockets: SocketCalls;
  /** A struct sockaddr_storage. */
  readonly sockaddr: Block;
  /** A struct sockaddr_storage of its own, for the sender of the datagram received last. */
  readonly sender: Block;
  /** `incoming` with `sender`, and `outgoing` with `sockaddr`, for recvmsg and sendmsg. */
  readonly incomingMessage: Message;
  readonly outgoingMessage: Message;
  /** Where many bytes lie that are on their way out. */
  readonly address: MemoryAddress;
  /** A socklen_t. */
  readonly socklen: Block;
  /** The int that getsockopt and setsockopt take, or a struct linger. */
  readonly option: Block;
}

/** As `PosixContext.sys`. */
let calls: SocketCalls | undefined;

export async function createNetContext(context: PosixContext, selector: Selector): Promise<NetContext> {
  const { sys, allocate, incoming, outgoing } = context;
  calls ??= await sys.loadSockets();
  const sockaddr = allocate(128);
  const sender = allocate(128);
  return {
    ...context,
    selector,
    sockets: calls,
    sockaddr,
    sender,
    incomingMessage: new Message(context, sender, incoming),
    outgoingMessage: new Message(context, sockaddr, outgoing),
    address: new MemoryAddress(context.ffi),
    socklen: allocate(4),
    option: allocate(8),
  };
}
