import * as shared from "../../types/cli.ts";
import type { Interfaces } from "../../types/table.ts";

export const clocks: Interfaces = {
  // Contains only an alias of u64.
  "wasi:clocks/types": {},
  "wasi:clocks/monotonic-clock": {
    now: "() -> u64",
    "get-resolution": "() -> u64",
    "wait-until": "async (u64)",
    "wait-for": "async (u64)",
  },
  "wasi:clocks/system-clock": {
    instant: "record { seconds: s64, nanoseconds: u32 }",
    now: "() -> instant",
    "get-resolution": "() -> u64",
  },
};

export const random: Interfaces = {
  ...shared.random,
  "wasi:random/insecure-seed": {
    "get-insecure-seed": "() -> tuple<u64, u64>",
  },
};

export const cli: Interfaces = {
  ...shared.cli,
  "wasi:cli/environment": {
    "get-environment": "() -> list<tuple<string, string>>",
    "get-arguments": "() -> list<string>",
    "get-initial-cwd": "() -> option<string>",
  },
  "wasi:cli/types": { "error-code": "enum { io, illegal-byte-sequence, pipe }" },
  "wasi:cli/stdin": { "read-via-stream": "() -> tuple<stream<u8>, future<result<_, error-code>>>" },
  "wasi:cli/stdout": { "write-via-stream": "(stream<u8>) -> future<result<_, error-code>>" },
  "wasi:cli/stderr": { "write-via-stream": "(stream<u8>) -> future<result<_, error-code>>" },
  "wasi:cli/run": { run: "async () -> result" },
};
