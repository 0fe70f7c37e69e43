import type { Selector } from "../../../machine/selector.ts";
import type { PosixContext } from "../libc/context.ts";
import { type Block, MemoryAddress } from "../libc/ffi.ts";
import type { SocketCalls } from "../libc/socket-calls.ts";
import { Message } from "./message.ts";

/** The state that the sockets of one machine share, in addition to the machine's. */
export interface NetContext extends PosixContext {
  readonly selector: Selector;
  readonly sockets: SocketCalls;
  /** A struct sockaddr_storage. */
  readonly sockaddr: Block;
  /** Another struct sockaddr_storage, for the sender of the last received datagram. */
  readonly sender: Block;
  /** `incoming` with `sender`, and `outgoing` with `sockaddr`, for recvmsg and sendmsg. */
  readonly incomingMessage: Message;
  readonly outgoingMessage: Message;
  /** Finds the address of large amounts of bytes to be sent. */
  readonly address: MemoryAddress;
  /** A socklen_t. */
  readonly socklen: Block;
  /** The int that getsockopt and setsockopt take, or a struct linger. */
  readonly option: Block;
}

/** Opened once, as `PosixContext.sys` is. */
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
