import process from "node:process";
import type { RuntimeStdin } from "./runtime.ts";

/** How many guests wait for stdin now. While none does, it keeps no program alive and reads nothing. */
let waiting = 0;

/**
 * process.stdin for one guest. Other guests may use it before, during or after that. Accessing it opens it, so it is
 * accessed only to read.
 */
export function processStdin(): RuntimeStdin {
  let giveUp: (() => void) | undefined;
  return {
    /** Returns the next piece. One that arrives when no one waits any more is kept for the next reader. */
    read() {
      const { stdin } = process;
      const { promise, resolve, reject } = Promise.withResolvers<Uint8Array | undefined>();
      const off = () => {
        for (const name of ["readable", "end"]) stdin.off(name, look);
        stdin.off("error", fail);
        giveUp = undefined;
        if (--waiting === 0) stdin.pause().unref?.();
      };
      const look = () => {
        const piece: Uint8Array | null = stdin.read();
        if (piece === null && !stdin.readableEnded) return;
        off();
        resolve(piece ?? undefined);
      };
      const fail = (error: Error) => {
        off();
        reject(error);
      };
      giveUp = off;
      if (waiting++ === 0) stdin.ref?.();
      stdin.on("readable", look).on("end", look).on("error", fail);
      look();
      return promise;
    },
    close: () => giveUp?.(),
  };
}
