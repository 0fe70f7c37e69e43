/** Enumerations and flags of wasi_snapshot_preview1 (typenames.witx). */
import type { Advice } from "../../../machine/files.ts";

export const filetype = {
  unknown: 0,
  blockDevice: 1,
  characterDevice: 2,
  directory: 3,
  regularFile: 4,
  socketDgram: 5,
  socketStream: 6,
  symbolicLink: 7,
} as const;

export const eventtype = { clock: 0, fdRead: 1, fdWrite: 2 } as const;

export const eventrwflags = { hangup: 1 } as const;

export const subclockflags = { abstime: 1 } as const;

export const clockid = { realtime: 0, monotonic: 1, processCputime: 2, threadCputime: 3 } as const;

export const fdflags = { append: 1, dsync: 2, nonblock: 4, rsync: 8, sync: 16 } as const;

export const allFdflags = 0b11111;

export const oflags = { creat: 1, directory: 2, excl: 4, trunc: 8 } as const;

export const lookupflags = { symlinkFollow: 1 } as const;

/** The cases of `advice`, by number. */
export const advices: readonly Advice[] = ["normal", "sequential", "random", "will-need", "dont-need", "no-reuse"];

export const riflags = { peek: 1, waitall: 2 } as const;

export const sdflags = { rd: 1, wr: 2 } as const;

/** `preopentype`. */
export const preopentype = { dir: 0 } as const;
