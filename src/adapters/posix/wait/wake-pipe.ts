import type { ErrorCode } from "../../../machine/error-code.ts";
import { Source } from "../../../machine/selector.ts";
import type { PosixContext } from "../libc/context.ts";
import { fdsOf } from "../libc/syscalls.ts";

/** A pipe by which another thread wakes one that waits: its reading end is a source. */
export interface WakePipe {
  readonly source: Source;
  /** The writing end's fd. */
  readonly writing: number;
  /** Writes to it, in this thread. */
  wake(): void;
  /** Takes out what was written. */
  drain(): void;
  close(): void;
}

export function openWakePipe({ sys, codes, allocate }: PosixContext): WakePipe | ErrorCode {
  // Not the machine's buffer, in which something may lie that is not yet the guest's.
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
