import type { HostInstance } from "../component/host.ts";
import { Exit } from "../core/wait/errors.ts";

/** `wasi:cli/exit` */
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
