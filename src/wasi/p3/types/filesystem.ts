import { fileTypes, preopens } from "../../types/filesystem.ts";
import type { Interfaces } from "../../types/table.ts";

export const filesystem: Interfaces = {
  "wasi:filesystem/preopens": preopens,
  "wasi:filesystem/types": {
    ...fileTypes,
    "error-code":
      "variant { access, already, bad-descriptor, busy, deadlock, quota, exist, file-too-large, illegal-byte-sequence, " +
      "in-progress, interrupted, invalid, io, is-directory, loop, too-many-links, message-size, name-too-long, no-device, " +
      "no-entry, no-lock, insufficient-memory, insufficient-space, not-directory, not-empty, not-recoverable, unsupported, " +
      "no-tty, no-such-device, overflow, not-permitted, pipe, read-only, invalid-seek, text-file-busy, cross-device, " +
      "other(option<string>) }",
    "descriptor-type":
      "variant { block-device, character-device, directory, fifo, symbolic-link, regular-file, socket, other(option<string>) }",
    "descriptor-stat":
      "record { type: descriptor-type, link-count: u64, size: u64, data-access-timestamp: option<instant>, " +
      "data-modification-timestamp: option<instant>, status-change-timestamp: option<instant> }",
    "new-timestamp": "variant { no-change, now, timestamp(instant) }",

    descriptor: "resource",
    "[method]descriptor.read-via-stream": "(u64) -> tuple<stream<u8>, future<result<_, error-code>>>",
    "[method]descriptor.write-via-stream": "(stream<u8>, u64) -> future<result<_, error-code>>",
    "[method]descriptor.append-via-stream": "(stream<u8>) -> future<result<_, error-code>>",
    "[method]descriptor.advise": "async (u64, u64, advice) -> result<_, error-code>",
    "[method]descriptor.sync-data": "async () -> result<_, error-code>",
    "[method]descriptor.get-flags": "async () -> result<descriptor-flags, error-code>",
    "[method]descriptor.get-type": "async () -> result<descriptor-type, error-code>",
    "[method]descriptor.set-size": "async (u64) -> result<_, error-code>",
    "[method]descriptor.set-times": "async (new-timestamp, new-timestamp) -> result<_, error-code>",
    "[method]descriptor.read-directory": "() -> tuple<stream<directory-entry>, future<result<_, error-code>>>",
    "[method]descriptor.sync": "async () -> result<_, error-code>",
    "[method]descriptor.create-directory-at": "async (string) -> result<_, error-code>",
    "[method]descriptor.stat": "async () -> result<descriptor-stat, error-code>",
    "[method]descriptor.stat-at": "async (path-flags, string) -> result<descriptor-stat, error-code>",
    "[method]descriptor.set-times-at":
      "async (path-flags, string, new-timestamp, new-timestamp) -> result<_, error-code>",
    "[method]descriptor.link-at": "async (path-flags, string, descriptor, string) -> result<_, error-code>",
    "[method]descriptor.open-at":
      "async (path-flags, string, open-flags, descriptor-flags) -> result<descriptor, error-code>",
    "[method]descriptor.readlink-at": "async (string) -> result<string, error-code>",
    "[method]descriptor.remove-directory-at": "async (string) -> result<_, error-code>",
    "[method]descriptor.rename-at": "async (string, descriptor, string) -> result<_, error-code>",
    "[method]descriptor.symlink-at": "async (string, string) -> result<_, error-code>",
    "[method]descriptor.unlink-file-at": "async (string) -> result<_, error-code>",
    "[method]descriptor.is-same-object": "async (descriptor) -> bool",
    "[method]descriptor.metadata-hash": "async () -> result<metadata-hash-value, error-code>",
    "[method]descriptor.metadata-hash-at": "async (path-flags, string) -> result<metadata-hash-value, error-code>",
  },
};
