import { Condition } from "../../core/wait/condition.ts";
import { type Blocking, retried } from "../../core/wait/poll.ts";
import type { IpSocketAddress } from "../../machine/address.ts";
import type { ErrorCode } from "../../machine/error-code.ts";
import { formatSocketAddress } from "../../machine/ip.ts";
import type { Machine } from "../../machine/machine.ts";
import { WRITABLE } from "../../machine/selector.ts";
import type { TcpHandle } from "../../machine/sockets.ts";
import type { BoundAddress, ListenAddress } from "./options.ts";

/** Connections that may wait to be accepted; the kernel's own limit (net.core.somaxconn) may be lower. */
const BACKLOG = 1024;

/** An address cannot be listened on. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  /** As it was given. */
  readonly address: string;
  readonly code: ErrorCode;

  constructor(address: string, code: ErrorCode) {
    super(`cannot listen on ${address}: ${code}`);
    this.address = address;
    this.code = code;
  }
}

/** A listening socket, and where it listens. */
export interface Listening {
  readonly handle: TcpHandle;
  readonly address: BoundAddress;
}

/** @throws ListenError */
export function* listenOn(machine: Machine, wanted: ListenAddress): Blocking<Listening> {
  switch (wanted.tag) {
    case "tcp": {
      const handle = yield* listenTcp(machine, wanted.address);
      return { handle, address: { tag: "tcp", address: boundTo(handle, formatSocketAddress(wanted.address)) } };
    }
    case "descriptor": {
      const name = `descriptor ${wanted.fd}`;
      const handle = opened(machine.net.adoptListener(wanted.fd), name);
      return { handle, address: { tag: "tcp", address: boundTo(handle, name) } };
    }
    case "unix":
      throw new ListenError(`unix:${wanted.path}`, "not-supported");
  }
}

/** @throws ListenError */
export function* listenTcp(machine: Machine, address: IpSocketAddress): Blocking<TcpHandle> {
  const name = formatSocketAddress(address);
  const handle = opened(machine.net.createTcpSocket(address.tag), name);
  const writable = Condition.source(handle.source, WRITABLE);
  let failure = handle.bind(address);
  if (failure === "would-block") {
    yield writable;
    failure = handle.outcome();
  }
  failure ??= yield* retried(() => handle.listen(BACKLOG), writable);
  if (failure === undefined) return handle;
  machine.selector.forget(handle.source);
  handle.close();
  throw new ListenError(name, failure);
}

function opened(handle: TcpHandle | ErrorCode, name: string): TcpHandle {
  if (typeof handle === "string") throw new ListenError(name, handle);
  return handle;
}

function boundTo(handle: TcpHandle, name: string): IpSocketAddress {
  const address = handle.localAddress();
  if (typeof address === "string") throw new ListenError(name, address);
  return address;
}
