import type { Interfaces } from "../../types/table.ts";

export const io: Interfaces = {
  "wasi:io/error": {
    error: "resource",
    "[method]error.to-debug-string": "() -> string",
  },
  "wasi:io/poll": {
    pollable: "resource",
    "[method]pollable.ready": "() -> bool",
    "[method]pollable.block": "()",
    poll: "(list<pollable>) -> list<u32>",
  },
  "wasi:io/streams": {
    "stream-error": "variant { last-operation-failed(error), closed }",

    "input-stream": "resource",
    "[method]input-stream.read": "(u64) -> result<list<u8>, stream-error>",
    "[method]input-stream.blocking-read": "(u64) -> result<list<u8>, stream-error>",
    "[method]input-stream.skip": "(u64) -> result<u64, stream-error>",
    "[method]input-stream.blocking-skip": "(u64) -> result<u64, stream-error>",
    "[method]input-stream.subscribe": "() -> pollable",

    "output-stream": "resource",
    "[method]output-stream.check-write": "() -> result<u64, stream-error>",
    "[method]output-stream.write": "(list<u8>) -> result<_, stream-error>",
    "[method]output-stream.blocking-write-and-flush": "(list<u8>) -> result<_, stream-error>",
    "[method]output-stream.flush": "() -> result<_, stream-error>",
    "[method]output-stream.blocking-flush": "() -> result<_, stream-error>",
    "[method]output-stream.subscribe": "() -> pollable",
    "[method]output-stream.write-zeroes": "(u64) -> result<_, stream-error>",
    "[method]output-stream.blocking-write-zeroes-and-flush": "(u64) -> result<_, stream-error>",
    "[method]output-stream.splice": "(input-stream, u64) -> result<u64, stream-error>",
    "[method]output-stream.blocking-splice": "(input-stream, u64) -> result<u64, stream-error>",
  },
};
