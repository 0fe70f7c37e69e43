import * as shared from "../../types/cli.ts";
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
  ...shared.random,
  "wasi:random/insecure-seed": {
    "insecure-seed": "() -> tuple<u64, u64>",
  },
};

export const cli: Interfaces = {
  ...shared.cli,
  "wasi:cli/environment": {
    "get-environment": "() -> list<tuple<string, string>>",
    "get-arguments": "() -> list<string>",
    "initial-cwd": "() -> option<string>",
  },
  "wasi:cli/stdin": { "get-stdin": "() -> input-stream" },
  "wasi:cli/stdout": { "get-stdout": "() -> output-stream" },
  "wasi:cli/stderr": { "get-stderr": "() -> output-stream" },
  "wasi:cli/run": { run: "() -> result" },
};

export const config: Interfaces = {
  "wasi:config/store": {
    error: "variant { upstream(string), io(string) }",
    get: "(string) -> result<option<string>, error>",
    "get-all": "() -> result<list<tuple<string, string>>, error>",
  },
};
