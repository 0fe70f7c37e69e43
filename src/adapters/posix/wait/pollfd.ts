import { HUNG_UP, READABLE, type Source, WRITABLE } from "../../../machine/selector.ts";
import type { Block } from "../libc/ffi.ts";
import type { Syscalls } from "../libc/syscalls.ts";

// struct pollfd { int fd; short events; short revents; }, and the bits of <poll.h>, which are the same on every OS.
export const POLLFD = 8;
export const EVENTS = 4;
export const REVENTS = 6;
export const POLLIN = 0x1;
export const POLLOUT = 0x4;
/** POLLERR | POLLHUP | POLLNVAL. */
const POLLFAILED = 0x8 | 0x10 | 0x20;

/** The parts of `PosixContext` that a call on one fd uses. */
export interface PollContext {
  readonly sys: Pick<Syscalls, "poll">;
  readonly pollfd: Block;
}

/** Returns the events for poll(2) to look for. */
export function pollEvents(interest: number): number {
  return ((interest & READABLE) !== 0 ? POLLIN : 0) | ((interest & WRITABLE) !== 0 ? POLLOUT : 0);
}

/** Converts what poll(2) found, asked for `interest`, to a selector's events. */
export function foundEvents(revents: number, interest: number): number {
  if ((revents & POLLFAILED) !== 0) return interest | HUNG_UP;
  return ((revents & POLLIN) !== 0 ? READABLE : 0) | ((revents & POLLOUT) !== 0 ? WRITABLE : 0);
}

/** poll(2) on one fd; `timeout` in ms, -1 waits for ever. Returns the events found, 0 for none or after a signal. */
export function pollOne({ sys, pollfd }: PollContext, fd: number, events: number, timeout: number): number {
  pollfd.view.setInt32(0, fd, true);
  pollfd.view.setInt16(EVENTS, events, true);
  return sys.poll(pollfd.pointer, 1, timeout) > 0 ? pollfd.view.getInt16(REVENTS, true) : 0;
}

/** Implements `Selector.look`. */
export function lookAt(context: PollContext, source: Source, interest: number): number {
  return foundEvents(pollOne(context, source.id, pollEvents(interest), 0), interest);
}
