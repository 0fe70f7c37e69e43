import process from "node:process";

/** node:fs, loaded by the first who asks: that takes 1.3 ms in the standalone binary, where a plain run needs nothing of it. */
export function nodeFs(): typeof import("node:fs") {
  return process.getBuiltinModule("node:fs");
}
