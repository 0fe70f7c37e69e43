/** Listening sockets of AF_UNIX (unix(7)). Accepted connections behave like TCP ones, without addresses and options. */
import { lstatSync, unlinkSync } from "node:fs";
import type { ErrorCode } from "../../../machine/error-code.ts";
import type { IoError } from "../../../machine/files.ts";
import type { TcpHandle } from "../../../machine/sockets.ts";
import { ioError } from "../libc/io-error.ts";
import { setFamily } from "./address.ts";
import type { NetContext } from "./net-context.ts";
import { PosixTcpSocket } from "./tcp.ts";

/** The offset of the path in a struct sockaddr_un. */
const PATH = 2;

/** Implements `Net.listenUnix`. */
export function listenUnix(context: NetContext, path: string, backlog: number): TcpHandle | ErrorCode | IoError {
  const fd = openUnix(context);
  if (typeof fd === "string") return fd;
  const { sys, sockets } = context;
  const failed = (result: number) => {
    sys.close(fd);
    return failure(context, result);
  };
  const length = encodePath(context, path);
  let bound = sockets.bind(fd, context.sockaddr.pointer, length);
  if (bound === -context.os.errno.EADDRINUSE && removeStale(context, path))
    bound = sockets.bind(fd, context.sockaddr.pointer, encodePath(context, path));
  if (bound < 0) return failed(bound);
  const listens = sockets.listen(fd, backlog);
  return listens < 0 ? failed(listens) : new UnixListener(context, fd, path);
}

/** Returns an address in use as every kind of socket does; other failures are those of files. */
function failure(context: NetContext, result: number): ErrorCode | IoError {
  return result === -context.os.errno.EADDRINUSE ? "address-in-use" : ioError(context, result);
}

function openUnix({ sockets, codes, os, descriptors }: NetContext): number | ErrorCode {
  if (!descriptors.hasRoom) return "new-socket-limit";
  const fd = sockets.socket(os.constants.AF_UNIX, os.constants.SOCK_STREAM);
  if (fd < 0) return codes.of(fd);
  descriptors.opened(fd);
  return fd;
}

/** Writes a struct sockaddr_un. Returns its length, with the path's NUL. */
function encodePath({ sockaddr, os }: NetContext, path: string): number {
  const bytes = new TextEncoder().encode(path);
  const length = PATH + bytes.length + 1;
  sockaddr.bytes.fill(0, 0, length);
  setFamily(sockaddr.view, os.constants.AF_UNIX, length, os);
  sockaddr.bytes.set(bytes, PATH);
  return length;
}

/**
 * Removes the file of a socket that is no longer listened on, as after its server was killed. Returns whether it did.
 */
function removeStale(context: NetContext, path: string): boolean {
  // Checked first: connecting to a file that is no socket is refused, too.
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return false;
  const fd = openUnix(context);
  if (typeof fd === "string") return false;
  const { sys, sockets, os } = context;
  const result = sockets.connect(fd, context.sockaddr.pointer, encodePath(context, path));
  sys.close(fd);
  if (result !== -os.errno.ECONNREFUSED) return false;
  unlinkSync(path);
  return true;
}

/** Returns a socket's path; undefined if it is not AF_UNIX. */
export function unixPathOf({ sockets, sockaddr, socklen, os }: NetContext, fd: number): string | undefined {
  socklen.view.setUint32(0, sockaddr.bytes.length, true);
  if (sockets.getsockname(fd, sockaddr.pointer, socklen.pointer) < 0) return undefined;
  const family = os.sockaddrHasLength ? sockaddr.view.getUint8(1) : sockaddr.view.getUint16(0, true);
  if (family !== os.constants.AF_UNIX) return undefined;
  const path = sockaddr.bytes.slice(PATH, Math.min(socklen.view.getUint32(0, true), sockaddr.bytes.length));
  // An abstract name begins with a NUL and may contain others; a path ends at the first.
  const nul = path.indexOf(0);
  const end = nul > 0 ? nul : path.length;
  return new TextDecoder().decode(path.subarray(0, end)).replace(/^\0/, "@");
}

/** A listening socket that another process made. */
export class AdoptedUnixListener extends PosixTcpSocket {
  readonly unixPath: string;

  constructor(context: NetContext, fd: number, path: string) {
    // Any family would do: these sockets have no options that depend on it.
    super(context, fd, "ipv4");
    this.unixPath = path;
  }
}

/** A listening socket of this process, with its file. */
class UnixListener extends AdoptedUnixListener {
  /** The inode of its own file: by the time it closes, another may have taken its place. */
  readonly #inode: bigint | undefined;

  constructor(context: NetContext, fd: number, path: string) {
    super(context, fd, path);
    this.#inode = inodeOf(path);
  }

  override close(): void {
    super.close();
    if (this.#inode !== undefined && inodeOf(this.unixPath) === this.#inode) unlinkSync(this.unixPath);
  }
}

function inodeOf(path: string): bigint | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}
