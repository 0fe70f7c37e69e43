import process from "node:process";
import type { Stdin } from "./runtime.ts";

/** How many guests wait for it now: without any it keeps no program alive, and takes nothing. */
let waiting = 0;

/** process.stdin for one guest: others may have it before, beside or after it. Looking at it opens it, so only when asked to. */
export function processStdin(): Stdin {
  let giveUp: (() => void) | undefined;
  return {
    /** The next piece. One that nobody waits for any more stays for who asks next. */
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
