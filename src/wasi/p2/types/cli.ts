import type { Interfaces } from "../../types/table.ts";

export const clocks: Interfaces = {
  "wasi:clocks/monotonic-clock": {
    now: "() -> u64",
    resolution: "() -> u64",
    "subscribe-instant": "(u64) -> pollable",
    "subscribe-duration": "(u64) -> pollable",
  },
  "wasi:clocks/wall-clock": {
    datetime: "record { seconds: u64, nanoseconds: u32 }",
    now: "() -> datetime",
    resolution: "() -> datetime",
  },
};

export const random: Interfaces = {
  "wasi:random/random": {
    "get-random-bytes": "(u64) -> list<u8>",
    "get-random-u64": "() -> u64",
  },
  "wasi:random/insecure": {
    "get-insecure-random-bytes": "(u64) -> list<u8>",
    "get-insecure-random-u64": "() -> u64",
  },
  "wasi:random/insecure-seed": {
    "insecure-seed": "() -> tuple<u64, u64>",
  },
};

export const cli: Interfaces = {
  "wasi:cli/environment": {
    "get-environment": "() -> list<tuple<string, string>>",
    "get-arguments": "() -> list<string>",
    "initial-cwd": "() -> option<string>",
  },
  "wasi:cli/exit": {
    exit: "(result)",
    "exit-with-code": "(u8)",
  },
  "wasi:cli/stdin": { "get-stdin": "() -> input-stream" },
  "wasi:cli/stdout": { "get-stdout": "() -> output-stream" },
  "wasi:cli/stderr": { "get-stderr": "() -> output-stream" },
  "wasi:cli/terminal-input": { "terminal-input": "resource" },
  "wasi:cli/terminal-output": { "terminal-output": "resource" },
  "wasi:cli/terminal-stdin": { "get-terminal-stdin": "() -> option<terminal-input>" },
  "wasi:cli/terminal-stdout": { "get-terminal-stdout": "() -> option<terminal-output>" },
  "wasi:cli/terminal-stderr": { "get-terminal-stderr": "() -> option<terminal-output>" },
  "wasi:cli/run": { run: "() -> result" },
};

export const config: Interfaces = {
  "wasi:config/store": {
    error: "variant { upstream(string), io(string) }",
    get: "(string) -> result<option<string>, error>",
    "get-all": "() -> result<list<tuple<string, string>>, error>",
  },
};
