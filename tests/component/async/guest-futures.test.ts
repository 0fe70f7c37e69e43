/** Futures whose both ends a guest has (CanonicalABI.md, "Future State"). */
import { describe } from "node:test";
import { call, pair, setOf, table } from "./guest.ts";
import { BLOCKED, FUTURE_READ, FUTURE_WRITE, ignored, load, logged, readEvent, store, writeEvent } from "./words.ts";

describe("a guest's future", () => {
  const number = pair("number");
  table([
    [
      "a read waits for the write",
      `${number} ${store(32, 99)} ${logged("number.read", "r", 64)} ${logged("number.write", "w", 32)} ${load(64)} ${readEvent}
       ${call("number.drop-writable", "w")} ${call("number.drop-readable", "r")}`,
      [BLOCKED, 0, 99, FUTURE_READ, 1, 0],
    ],
    [
      "the write waits for a read",
      `${number} ${store(32, 99)} ${logged("number.write", "w", 32)} ${logged("number.read", "r", 64)} ${load(64)} ${writeEvent}
       ${call("number.drop-writable", "w")} ${call("number.drop-readable", "r")}`,
      [BLOCKED, 0, 99, FUTURE_WRITE, 2, 0],
    ],
    [
      "of nothing",
      `${pair("unit")} ${logged("unit.read", "r", -1)} ${logged("unit.write", "w", -1)} ${readEvent}`,
      [BLOCKED, 0, FUTURE_READ, 1, 0],
    ],
    [
      "the reader goes: the writer that waits is told, and need not write",
      `${number} ${ignored("number.write", "w", 32)} ${call("number.drop-readable", "r")} ${writeEvent} ${call("number.drop-writable", "w")}`,
      [FUTURE_WRITE, 2, 1],
    ],
    [
      "a write after the reader went",
      `${number} ${call("number.drop-readable", "r")} ${logged("number.write", "w", 32)} ${call("number.drop-writable", "w")}`,
      [1],
    ],
    [
      "a read is cancelled, and made again",
      `${number} ${store(32, 5)} ${ignored("number.read", "r", 64)} ${logged("number.cancel-read", "r")} ${logged("number.write", "w", 32)} ${logged("number.read", "r", 64)} ${load(64)}`,
      [2, BLOCKED, 0, 5],
    ],
    [
      "a write is cancelled, and made again",
      `${number} ${store(32, 5)} ${ignored("number.write", "w", 32)} ${logged("number.cancel-write-async", "w")} ${logged("number.read", "r", 64)} ${logged("number.write", "w", 32)} ${load(64)}`,
      [2, BLOCKED, 0, 5],
    ],
    [
      "a cancel comes too late",
      `${number} ${ignored("number.read", "r", 64)} ${ignored("number.write", "w", 32)} ${logged("number.cancel-read", "r")}`,
      [0],
    ],
    [
      "a cancel of the write comes too late",
      `${number} ${ignored("number.write", "w", 32)} ${ignored("number.read", "r", 64)} ${logged("number.cancel-write", "w")} ${call("number.drop-writable", "w")}`,
      [0],
    ],
    [
      "a future must be written",
      `${number} ${call("number.drop-writable", "w")}`,
      ["host", "cannot drop future write end without first writing a value"],
    ],
    [
      "a future whose write was cancelled must be written",
      `${number} ${ignored("number.write", "w", 32)} ${ignored("number.cancel-write", "w")} ${call("number.drop-writable", "w")}`,
      ["host", "cannot drop future write end without first writing a value"],
    ],
    [
      "a future whose reader went, unheard of, must be written",
      `${number} ${call("number.drop-readable", "r")} ${call("number.drop-writable", "w")}`,
      ["host", "cannot drop future write end without first writing a value"],
    ],
    [
      "a busy writable end is dropped",
      `${number} ${ignored("number.write", "w", 32)} ${call("number.drop-writable", "w")}`,
      ["host", "cannot drop busy future"],
    ],
    [
      "a busy readable end is dropped",
      `${number} ${ignored("number.read", "r", 32)} ${call("number.drop-readable", "r")}`,
      ["host", "cannot remove busy future"],
    ],
    [
      "a second read",
      `${number} ${ignored("number.write", "w", 32)} ${ignored("number.read", "r", 64)} ${ignored("number.read", "r", 64)}`,
      ["host", "cannot read from future after previous read succeeded"],
    ],
    [
      "a second write",
      `${number} ${ignored("number.read", "r", 64)} ${ignored("number.write", "w", 32)} ${ignored("number.write", "w", 32)}`,
      ["host", "cannot write to future after previous write succeeded or readable end dropped"],
    ],
    [
      "a write after it was told that the reader went",
      `${number} ${call("number.drop-readable", "r")} ${ignored("number.write", "w", 32)} ${ignored("number.write", "w", 32)}`,
      ["host", "cannot write after being notified that the readable end dropped"],
    ],
    [
      "two reads at once",
      `${number} ${ignored("number.read", "r", 64)} ${ignored("number.read", "r", 64)}`,
      ["engine", "cannot have concurrent operations active on a future/stream"],
    ],
    [
      "another future's type",
      `${number} ${ignored("unit.read", "r", 64)}`,
      ["host", "handle is a future of a different type"],
    ],
    ["a stream as a future", `${pair("bytes")} ${ignored("number.read", "r", 64)}`, ["host", "handle is not a future"]],
    [
      "a write beyond the memory",
      `${number} ${ignored("number.write", "w", 131070)}`,
      ["host", "read pointer out of bounds of memory"],
    ],
    [
      "a write that is not aligned",
      `${number} ${ignored("number.write", "w", 66)}`,
      ["host", "write pointer not aligned"],
    ],
    [
      "a read beyond the memory",
      `${number} ${ignored("number.read", "r", -4)}`,
      ["host", "read pointer out of bounds of memory"],
    ],
    [
      "a value that is no number, within one instance",
      `${pair("text")} ${ignored("text.write", "w", 32)} ${ignored("text.read", "r", 64)}`,
      ["host", "cannot read from and write to intra-component future/stream with non-numeric payload"],
    ],
    [
      "a read inside, in a set",
      `${number} ${setOf("r")} ${ignored("number.read-sync", "r", 64)}`,
      ["engine", "waitable cannot be used synchronously while added to a waitable set"],
    ],
    [
      "a write inside that nobody reads",
      `${number} ${ignored("number.write-sync", "w", 32)}`,
      ["engine", "deadlock detected: event loop cannot make further progress"],
    ],
  ]);
});
