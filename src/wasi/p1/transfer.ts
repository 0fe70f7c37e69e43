import type { Blocking } from "../../core/wait/poll.ts";
import type { Waiting } from "../../core/wait/waiting.ts";
import { errno } from "./abi/errno.ts";
import { iovec } from "./abi/layout.ts";
import { awaited, type Preview1Context } from "./context.ts";
import type { FileDescriptor } from "./descriptors/descriptor.ts";

/**
 * Reads and writes over a list of `iovec`s, which are read where they lie in the guest's memory. A call moves at most
 * one machine buffer (64 KiB) at a time, and copies each byte once between the guest and that buffer.
 *
 * All functions return a count of bytes or a negated errno.
 */

/**
 * Checks `count` iovecs at `list`, and the memory that each one with a length points to. Returns how many bytes the
 * call may move: those of the leading iovecs that fit, together with the iovecs themselves, into what one call may copy
 * (-Shostcall-fuel). Returns -ENOMEM if not even the first non-empty one fits; wasmtime moves no more than that one.
 */
export function totalLength({ memory, limits }: Preview1Context, list: number, count: number): number {
  const vectors = count >>> 0;
  if (vectors === 0) return 0;
  let fuel = limits.hostcallFuel - vectors * iovec.size;
  if (fuel < 0) return -errno.ENOMEM;
  const base = memory.check(list, vectors * iovec.size, iovec.align);
  const view = memory.view;
  let total = 0;
  for (let at = base, end = base + vectors * iovec.size; at < end; at += iovec.size) {
    const length = view.getUint32(at + iovec.bufLen, true);
    if (length === 0) continue;
    if (length > fuel && total === 0) return -errno.ENOMEM;
    memory.check(view.getUint32(at + iovec.buf, true), length, 1);
    // Nothing after the first one that does not fit.
    if (length > fuel) fuel = 0;
    else {
      fuel -= length;
      total += length;
    }
  }
  return total;
}

/** Receives up to `max` bytes into the machine's buffer. Returns their count. */
export type Receive = (descriptor: FileDescriptor, max: number) => number;

/** Sends bytes. Returns how many were taken. */
export type Send = (descriptor: FileDescriptor, bytes: Uint8Array) => number;

export const receive: Receive = (descriptor, max) => descriptor.receive(max);
export const peek: Receive = (descriptor, max) => descriptor.peek(max);
export const send: Send = (descriptor, bytes) => descriptor.send(bytes);

/** Reads what is available. In blocking mode it first waits until there is something. */
export function readVectors(
  cx: Preview1Context,
  descriptor: FileDescriptor,
  take: Receive,
  list: number,
  total: number,
): Waiting<number> {
  const count = take(descriptor, Math.min(total, cx.machine.buffer.length));
  if (waits(descriptor, count)) return cx.poll.run(readLater(cx, descriptor, take, list, total));
  if (count > 0) scatter(cx, list, 0, count);
  return count;
}

function* readLater(
  cx: Preview1Context,
  descriptor: FileDescriptor,
  take: Receive,
  list: number,
  total: number,
): Blocking<number> {
  yield awaited(descriptor, "readable");
  const count = yield* receiveBlocking(cx, descriptor, take, total);
  if (count > 0) scatter(cx, list, 0, count);
  return count;
}

/**
 * MSG_WAITALL: reads until the vectors are full, the end, a failure, or (in non-blocking mode) until nothing is
 * available.
 */
export function* readFully(
  cx: Preview1Context,
  descriptor: FileDescriptor,
  take: Receive,
  list: number,
  total: number,
): Blocking<number> {
  let done = 0;
  while (done < total) {
    const count = yield* receiveBlocking(cx, descriptor, take, total - done);
    if (count <= 0) return done > 0 ? done : count;
    scatter(cx, list, done, count);
    done += count;
  }
  return done;
}

function* receiveBlocking(
  cx: Preview1Context,
  descriptor: FileDescriptor,
  take: Receive,
  max: number,
): Blocking<number> {
  for (;;) {
    const count = take(descriptor, Math.min(max, cx.machine.buffer.length));
    if (!waits(descriptor, count)) return count;
    yield awaited(descriptor, "readable");
  }
}

/**
 * Copies the first `count` bytes of the machine's buffer into the vectors, from their byte `offset`. They have room for
 * them.
 */
function scatter({ memory, machine, received }: Preview1Context, list: number, offset: number, count: number): void {
  const { view, bytes } = memory;
  let skip = offset;
  let copied = 0;
  for (let at = list >>> 0; copied < count; at += iovec.size) {
    const length = view.getUint32(at + iovec.bufLen, true);
    if (length <= skip) {
      skip -= length;
      continue;
    }
    const piece = Math.min(length - skip, count - copied);
    // Checked again: an earlier piece may have overwritten this vector.
    const start = memory.check(view.getUint32(at + iovec.buf, true) + skip, piece, 1);
    bytes.set(copied === 0 ? received.of(piece) : machine.buffer.subarray(copied, copied + piece), start);
    copied += piece;
    skip = 0;
  }
}

/** Vectors that fit in here are gathered, so that a line that libc wrote in two pieces is one write. */
const scratch = new Uint8Array(65536);

const nothing = new Uint8Array(0);

/** Writes `total` bytes (from `totalLength`). In non-blocking mode it writes what is taken now, or returns -EAGAIN. */
export function writeVectors(
  cx: Preview1Context,
  descriptor: FileDescriptor,
  give: Send,
  list: number,
  count: number,
  total: number,
): Waiting<number> {
  // An empty write still reports whether the descriptor can be written to.
  if (total === 0) return give(descriptor, nothing);
  const vectors = count >>> 0;
  if (vectors > 1 && total > scratch.length) return cx.poll.run(writeEach(cx, descriptor, give, list, vectors, total));
  const piece = vectors === 1 ? vector(cx, descriptor, list >>> 0) : gather(cx, descriptor, list >>> 0, total);
  const sent = give(descriptor, piece);
  if (sent === piece.length || (sent < 0 && !waits(descriptor, sent))) return sent;
  // Another guest may gather while this one waits.
  return cx.poll.run(sendRest(descriptor, give, vectors === 1 ? piece : piece.slice(), sent));
}

/** Returns a view of the bytes of the vector at `at`. */
function vector({ memory }: Preview1Context, descriptor: FileDescriptor, at: number): Uint8Array {
  const { view, bytes } = memory;
  return descriptor.written.of(bytes, view.getUint32(at + iovec.buf, true), view.getUint32(at + iovec.bufLen, true));
}

/** Copies all vectors into `scratch`. Returns a view of it. */
function gather(cx: Preview1Context, descriptor: FileDescriptor, list: number, total: number): Uint8Array {
  let length = 0;
  for (let at = list; length < total; at += iovec.size) {
    const piece = vector(cx, descriptor, at);
    scratch.set(piece, length);
    length += piece.length;
  }
  return scratch.subarray(0, length);
}

function* writeEach(
  cx: Preview1Context,
  descriptor: FileDescriptor,
  give: Send,
  list: number,
  vectors: number,
  total: number,
): Blocking<number> {
  let done = 0;
  for (let i = 0, at = list >>> 0; i < vectors && done < total; i++, at += iovec.size) {
    const piece = vector(cx, descriptor, at);
    const { length } = piece;
    if (length === 0) continue;
    const sent = yield* sendRest(descriptor, give, piece, give(descriptor, piece));
    if (sent < 0) return done > 0 ? done : sent;
    done += sent;
    if (sent < length) break;
  }
  return done;
}

/** Continues after a first attempt, which returned `first`, until all bytes are sent. */
function* sendRest(descriptor: FileDescriptor, give: Send, bytes: Uint8Array, first: number): Blocking<number> {
  let rest = bytes;
  for (let sent = first; ; sent = give(descriptor, rest)) {
    if (sent === rest.length) return bytes.length;
    if (sent >= 0) rest = rest.subarray(sent);
    else if (waits(descriptor, sent)) yield awaited(descriptor, "writable");
    else return rest.length < bytes.length ? bytes.length - rest.length : sent;
  }
}

/** Returns whether a call that got `result` waits instead of returning it to the guest. */
function waits(descriptor: FileDescriptor, result: number): boolean {
  return result === -errno.EAGAIN && !descriptor.nonblocking;
}
