import type { HostInstance } from "../component/host.ts";
import { Exit } from "../core/wait/errors.ts";

/** Makes `wasi:cli/exit`: both functions throw `Exit`, with 0 or 1, or the code given (0 to 255). */
export function exit(): HostInstance {
  return {
    exit: (status: { tag: "ok" } | { tag: "err" }) => {
      throw new Exit(status.tag === "ok" ? 0 : 1);
    },
    "exit-with-code": (code: number) => {
      throw new Exit(code);
    },
  };
}
