import type { ErrorCode } from "../../../machine/error-code.ts";
import { Source } from "../../../machine/selector.ts";
import type { PosixContext } from "../libc/context.ts";
import { fdsOf } from "../libc/syscalls.ts";

/** A pipe by which one thread wakes another that waits: its reading end is a source. */
export interface WakePipe {
  readonly source: Source;
  /** The writing end's fd. */
  readonly writing: number;
  /** Writes a byte, from this thread. */
  wake(): void;
  /** Reads what was written. */
  drain(): void;
  close(): void;
}

export function openWakePipe({ sys, codes, allocate }: PosixContext): WakePipe | ErrorCode {
  // Not the machine's buffer: that may hold bytes that the guest has not received yet.
  const scratch = allocate(64);
  const result = sys.pipe(scratch);
  if (result < 0) return codes.of(result);
  const [reading, writing] = fdsOf(scratch);
  return {
    source: new Source(reading),
    writing,
    wake: () => void sys.write(writing, scratch.pointer, 1),
    drain: () => void sys.read(reading, scratch.pointer, scratch.bytes.length),
    close() {
      sys.close(reading);
      sys.close(writing);
    },
  };
}
