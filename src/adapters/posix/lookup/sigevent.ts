import type { Block, Ffi } from "../libc/ffi.ts";
import type { Pointer } from "../libc/symbols.ts";

// <signal.h>: struct sigevent { value, signo, notify, function, attributes }, with an int as the value.
const SIGEV_THREAD = 2;
const NOTIFY = 12;
const FUNCTION = 16;

/** Bytes of a struct sigevent. */
export const SIGEVENT = 64;

/** The address of a function of libc's own that takes an int: what a thread of libc's may call, which knows no JavaScript. */
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

/** Has libc call the function with `value`, on a thread that it makes. The rest of the struct must be zero. */
export function writeSigevent(view: DataView, at: number, value: number, address: bigint): void {
  view.setInt32(at, value, true);
  view.setInt32(at + NOTIFY, SIGEV_THREAD, true);
  view.setBigUint64(at + FUNCTION, address, true);
}
