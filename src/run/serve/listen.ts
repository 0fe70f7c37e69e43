import { Condition } from "../../core/wait/condition.ts";
import { type Blocking, retried } from "../../core/wait/poll.ts";
import type { IpSocketAddress } from "../../machine/address.ts";
import type { ErrorCode } from "../../machine/error-code.ts";
import type { IoError } from "../../machine/files.ts";
import type { Machine } from "../../machine/machine.ts";
import { WRITABLE } from "../../machine/selector.ts";
import type { TcpHandle } from "../../machine/sockets.ts";
import { ListenError } from "./listen-error.ts";
import type { BoundAddress, ListenAddress } from "./options.ts";

/** The accept backlog; the kernel's own limit (net.core.somaxconn) may be lower. */
const BACKLOG = 1024;

/** A listening socket and its address. */
export interface Listening {
  readonly handle: TcpHandle;
  readonly address: BoundAddress;
}

export interface ListeningTcp extends Listening {
  readonly address: BoundAddress & { readonly tag: "tcp" };
}

/** Opens a listening socket. @throws ListenError */
export function* listenOn(machine: Machine, wanted: ListenAddress): Blocking<Listening> {
  switch (wanted.tag) {
    case "tcp":
      return yield* listenTcp(machine, wanted.address);
    case "descriptor":
      return adopted(opened(machine.net.adoptListener(wanted.fd), wanted), wanted);
    case "unix": {
      const made = machine.net.listenUnix?.(wanted.path, BACKLOG) ?? "not-supported";
      return { handle: opened(made, wanted), address: wanted };
    }
  }
}

/** Opens a listening TCP socket. @throws ListenError */
export function* listenTcp(machine: Machine, address: IpSocketAddress): Blocking<ListeningTcp> {
  const wanted: ListenAddress = { tag: "tcp", address };
  const handle = opened(machine.net.createTcpSocket(address.tag), wanted);
  const writable = Condition.source(handle.source, WRITABLE);
  let failure = handle.bind(address);
  if (failure === "would-block") {
    yield writable;
    failure = handle.outcome();
  }
  failure ??= yield* retried(() => handle.listen(BACKLOG), writable);
  if (failure === undefined) return listening(handle, wanted);
  machine.selector.forget(handle.source);
  handle.close();
  throw new ListenError(wanted, failure);
}

function opened(handle: TcpHandle | ErrorCode | IoError, wanted: ListenAddress): TcpHandle {
  if (typeof handle === "string" || "errno" in handle) throw new ListenError(wanted, handle);
  return handle;
}

function adopted(handle: TcpHandle, wanted: ListenAddress): Listening {
  const { unixPath } = handle;
  return unixPath === undefined ? listening(handle, wanted) : { handle, address: { tag: "unix", path: unixPath } };
}

function listening(handle: TcpHandle, wanted: ListenAddress): ListeningTcp {
  const address = handle.localAddress();
  if (typeof address === "string") throw new ListenError(wanted, address);
  return { handle, address: { tag: "tcp", address } };
}
