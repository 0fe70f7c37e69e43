import type { WallClock } from "../../../machine/machine.ts";
import type { PosixContext } from "./context.ts";

// struct timespec { time_t seconds; long nanoseconds; }, read as 32-bit words: no clock here reaches 2^32 seconds.
const TIMESPEC = 16;
const SECONDS = 0;
const NANOSECONDS = 2;

/**
 * `Machine.now` by clock_gettime(2), the clock of the kernel's own waits: ns since the second in which the machine was
 * made. The call goes to the vDSO: it takes 0.03 us on Bun and 0.05 us on Deno, where performance.now takes 0.05 us and
 * 0.2 us (Node: 0.13 us and 0.1 us).
 */
export function monotonicClock(context: PosixContext): () => number {
  return clockFromNow(context, context.os.constants.CLOCK_MONOTONIC);
}

/** `Machine.cpuTime` by clock_gettime(2), from its first use: it is rarely asked for. */
export function processClock(context: PosixContext): () => number {
  let clock: (() => number) | undefined;
  return () => {
    clock ??= clockFromNow(context, context.os.constants.CLOCK_PROCESS_CPUTIME_ID);
    return clock();
  };
}

function clockFromNow({ sys, allocate }: PosixContext, clock: number): () => number {
  const { pointer, bytes } = allocate(TIMESPEC);
  const words = new Uint32Array(bytes.buffer);
  sys.clock_gettime(clock, pointer);
  const start = words[SECONDS]!;
  return () => {
    sys.clock_gettime(clock, pointer);
    return (words[SECONDS]! - start) * 1e9 + words[NANOSECONDS]!;
  };
}

/** `Machine.wallClock` by clock_gettime(2), with ns resolution. */
export function realtimeClock({ sys, os, allocate }: PosixContext): WallClock {
  const { pointer, bytes } = allocate(TIMESPEC);
  const words = new Uint32Array(bytes.buffer);
  return {
    resolution: 1,
    now() {
      sys.clock_gettime(os.constants.CLOCK_REALTIME, pointer);
      return BigInt(words[SECONDS]!) * 1_000_000_000n + BigInt(words[NANOSECONDS]!);
    },
  };
}
