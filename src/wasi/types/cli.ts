/** The interfaces of `wasi:random` and `wasi:cli` whose types are the same in every version. */
import type { Interfaces } from "./table.ts";

export const random: Interfaces = {
  "wasi:random/random": {
    "get-random-bytes": "(u64) -> list<u8>",
    "get-random-u64": "() -> u64",
  },
  "wasi:random/insecure": {
    "get-insecure-random-bytes": "(u64) -> list<u8>",
    "get-insecure-random-u64": "() -> u64",
  },
};

export const cli: Interfaces = {
  "wasi:cli/exit": {
    exit: "(result)",
    "exit-with-code": "(u8)",
  },
  "wasi:cli/terminal-input": { "terminal-input": "resource" },
  "wasi:cli/terminal-output": { "terminal-output": "resource" },
  "wasi:cli/terminal-stdin": { "get-terminal-stdin": "() -> option<terminal-input>" },
  "wasi:cli/terminal-stdout": { "get-terminal-stdout": "() -> option<terminal-output>" },
  "wasi:cli/terminal-stderr": { "get-terminal-stderr": "() -> option<terminal-output>" },
};
