import { fileTypes, preopens } from "../../types/filesystem.ts";
import type { Interfaces } from "../../types/table.ts";

export const filesystem: Interfaces = {
  "wasi:filesystem/preopens": preopens,
  "wasi:filesystem/types": {
    ...fileTypes,
    "error-code":
      "enum { access, would-block, already, bad-descriptor, busy, deadlock, quota, exist, file-too-large, " +
      "illegal-byte-sequence, in-progress, interrupted, invalid, io, is-directory, loop, too-many-links, message-size, " +
      "name-too-long, no-device, no-entry, no-lock, insufficient-memory, insufficient-space, not-directory, not-empty, " +
      "not-recoverable, unsupported, no-tty, no-such-device, overflow, not-permitted, pipe, read-only, invalid-seek, " +
      "text-file-busy, cross-device }",
    "descriptor-type":
      "enum { unknown, block-device, character-device, directory, fifo, symbolic-link, regular-file, socket }",
    "descriptor-stat":
      "record { type: descriptor-type, link-count: u64, size: u64, data-access-timestamp: option<datetime>, " +
      "data-modification-timestamp: option<datetime>, status-change-timestamp: option<datetime> }",
    "new-timestamp": "variant { no-change, now, timestamp(datetime) }",

    descriptor: "resource",
    "[method]descriptor.read-via-stream": "(u64) -> result<input-stream, error-code>",
    "[method]descriptor.write-via-stream": "(u64) -> result<output-stream, error-code>",
    "[method]descriptor.append-via-stream": "() -> result<output-stream, error-code>",
    "[method]descriptor.advise": "(u64, u64, advice) -> result<_, error-code>",
    "[method]descriptor.sync-data": "() -> result<_, error-code>",
    "[method]descriptor.get-flags": "() -> result<descriptor-flags, error-code>",
    "[method]descriptor.get-type": "() -> result<descriptor-type, error-code>",
    "[method]descriptor.set-size": "(u64) -> result<_, error-code>",
    "[method]descriptor.set-times": "(new-timestamp, new-timestamp) -> result<_, error-code>",
    "[method]descriptor.read": "(u64, u64) -> result<tuple<list<u8>, bool>, error-code>",
    "[method]descriptor.write": "(list<u8>, u64) -> result<u64, error-code>",
    "[method]descriptor.read-directory": "() -> result<directory-entry-stream, error-code>",
    "[method]descriptor.sync": "() -> result<_, error-code>",
    "[method]descriptor.create-directory-at": "(string) -> result<_, error-code>",
    "[method]descriptor.stat": "() -> result<descriptor-stat, error-code>",
    "[method]descriptor.stat-at": "(path-flags, string) -> result<descriptor-stat, error-code>",
    "[method]descriptor.set-times-at": "(path-flags, string, new-timestamp, new-timestamp) -> result<_, error-code>",
    "[method]descriptor.link-at": "(path-flags, string, descriptor, string) -> result<_, error-code>",
    "[method]descriptor.open-at":
      "(path-flags, string, open-flags, descriptor-flags) -> result<descriptor, error-code>",
    "[method]descriptor.readlink-at": "(string) -> result<string, error-code>",
    "[method]descriptor.remove-directory-at": "(string) -> result<_, error-code>",
    "[method]descriptor.rename-at": "(string, descriptor, string) -> result<_, error-code>",
    "[method]descriptor.symlink-at": "(string, string) -> result<_, error-code>",
    "[method]descriptor.unlink-file-at": "(string) -> result<_, error-code>",
    "[method]descriptor.is-same-object": "(descriptor) -> bool",
    "[method]descriptor.metadata-hash": "() -> result<metadata-hash-value, error-code>",
    "[method]descriptor.metadata-hash-at": "(path-flags, string) -> result<metadata-hash-value, error-code>",

    "directory-entry-stream": "resource",
    "[method]directory-entry-stream.read-directory-entry": "() -> result<option<directory-entry>, error-code>",

    "filesystem-error-code": "(error) -> option<error-code>",
  },
};
