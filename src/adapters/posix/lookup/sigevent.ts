import type { Block, Ffi } from "../libc/ffi.ts";
import type { Pointer } from "../libc/symbols.ts";

// <signal.h>: struct sigevent { value, signo, notify, function, attributes }, with an int as the value.
const SIGEV_THREAD = 2;
const NOTIFY = 12;
const FUNCTION = 16;

/** The size of struct sigevent, bytes. */
export const SIGEVENT = 64;

/** Returns the address of a function of libc that takes an int. A thread of libc can call that, but no JavaScript. */
export function functionAddress(
  ffi: Ffi,
  dlsym: (handle: Pointer, symbol: Pointer) => Pointer,
  name: string,
  { bytes, pointer }: Block,
): bigint {
  const { written } = new TextEncoder().encodeInto(name, bytes);
  bytes[written] = 0;
  return ffi.address(dlsym(ffi.null, pointer));
}

/** Makes libc call the function with `value`, on a thread that it starts. The rest of the struct must be zero. */
export function writeSigevent(view: DataView, at: number, value: number, address: bigint): void {
  view.setInt32(at, value, true);
  view.setInt32(at + NOTIFY, SIGEV_THREAD, true);
  view.setBigUint64(at + FUNCTION, address, true);
}
