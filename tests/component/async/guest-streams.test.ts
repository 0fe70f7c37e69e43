/** Streams whose both ends a guest has: how reads and writes meet (CanonicalABI.md, "Stream State"). */
import { describe } from "node:test";
import { call, log, pair, setOf, table } from "./guest.ts";
import {
  BLOCKED,
  cancelled,
  completed,
  dropped,
  ignored,
  load,
  logged,
  readEvent,
  STREAM_READ,
  STREAM_WRITE,
  store,
  writeEvent,
} from "./words.ts";

const bytes = pair("bytes");

describe("a guest's stream", () => {
  table([
    [
      "a read waits for a write",
      `${bytes} ${store(32, 0x04030201)} ${logged("bytes.read", "r", 64, 8)} ${logged("bytes.write", "w", 32, 4)} ${load(64)} ${readEvent}`,
      [BLOCKED, completed(4), 0x04030201, STREAM_READ, 1, completed(4)],
    ],
    [
      "a write waits for a read",
      `${bytes} ${store(32, 7)} ${logged("bytes.write", "w", 32, 4)} ${logged("bytes.read", "r", 64, 8)} ${load(64)} ${writeEvent}`,
      [BLOCKED, completed(4), 7, STREAM_WRITE, 2, completed(4)],
    ],
    [
      "what waits is added to until it is told",
      `${bytes} ${store(32, 0x04030201)} ${ignored("bytes.read", "r", 64, 8)}
       ${logged("bytes.write", "w", 32, 1)} ${logged("bytes.write", "w", 33, 2)} ${load(64)} ${readEvent}
       ${logged("bytes.write", "w", 32, 4)}`,
      [completed(1), completed(2), 0x030201, STREAM_READ, 1, completed(3), BLOCKED],
    ],
    [
      "a write is taken in pieces",
      `${bytes} ${store(32, 0x04030201)} ${ignored("bytes.write", "w", 32, 4)}
       ${logged("bytes.read", "r", 64, 1)} ${logged("bytes.read", "r", 65, 2)} ${load(64)} ${writeEvent}
       ${logged("bytes.read", "r", 72, 4)}`,
      [completed(1), completed(2), 0x030201, STREAM_WRITE, 2, completed(3), BLOCKED],
    ],
    [
      "a read that is full waits no more, told or not",
      `${bytes} ${ignored("bytes.read", "r", 64, 2)} ${logged("bytes.write", "w", 32, 4)} ${logged("bytes.write", "w", 32, 2)} ${readEvent}`,
      [completed(2), BLOCKED, STREAM_READ, 1, completed(2)],
    ],
    [
      "a write of nothing completes when a reader is there",
      `${bytes} ${ignored("bytes.read", "r", 64, 4)} ${logged("bytes.write", "w", 32, 0)} ${logged("bytes.write", "w", 32, 0)}
       ${setOf("r")} ${log(call("set.poll", "s", 8))}`,
      [completed(0), completed(0), 0],
    ],
    [
      "a read of nothing completes when a writer is there",
      `${bytes} ${ignored("bytes.write", "w", 32, 4)} ${logged("bytes.read", "r", 64, 0)} ${setOf("w")} ${log(call("set.poll", "s", 8))}`,
      [completed(0), 0],
    ],
    [
      "a read of nothing that waits is told of a writer, which goes on to wait",
      `${bytes} ${logged("bytes.read", "r", 64, 0)} ${logged("bytes.write", "w", 32, 4)} ${readEvent}
       ${logged("bytes.read", "r", 64, 4)}`,
      [BLOCKED, BLOCKED, STREAM_READ, 1, completed(0), completed(4)],
    ],
    [
      "a write of nothing that waits is told of a reader, which goes on to wait",
      `${bytes} ${logged("bytes.write", "w", 32, 0)} ${logged("bytes.read", "r", 64, 4)} ${writeEvent}
       ${logged("bytes.write", "w", 32, 4)}`,
      [BLOCKED, BLOCKED, STREAM_WRITE, 2, completed(0), completed(4)],
    ],
    [
      "where nothing meets nothing the write completes, and the read goes on waiting",
      `${bytes} ${logged("bytes.read", "r", 64, 0)} ${logged("bytes.write", "w", 32, 0)} ${logged("bytes.write", "w", 32, 1)} ${readEvent}`,
      [BLOCKED, completed(0), BLOCKED, STREAM_READ, 1, completed(0)],
    ],
    [
      "a waiting write of nothing completes when a read of nothing comes, which waits",
      `${bytes} ${logged("bytes.write", "w", 32, 0)} ${logged("bytes.read", "r", 64, 0)} ${writeEvent}`,
      [BLOCKED, BLOCKED, STREAM_WRITE, 2, completed(0)],
    ],
    [
      "nothing may lie anywhere",
      `${bytes} ${logged("bytes.read", "r", -1, 0)} ${logged("bytes.write", "w", -1, 0)}
       ${pair("words")} ${logged("words.write", "w", 0x7fffffff, 0)}`,
      [BLOCKED, completed(0), BLOCKED],
    ],
    [
      "a stream of nothing counts",
      `${pair("units")} ${ignored("units.read", "r", -1, 0xfffffff)} ${logged("units.write", "w", -1, 5)} ${readEvent}`,
      [completed(5), STREAM_READ, 1, completed(5)],
    ],
    [
      "the reader goes: the writer that waits is told, and later ones at once",
      `${bytes} ${ignored("bytes.write", "w", 32, 4)} ${call("bytes.drop-readable", "r")} ${writeEvent}`,
      [STREAM_WRITE, 2, dropped(0)],
    ],
    [
      "the writer goes after a part: the reader is told both",
      `${bytes} ${ignored("bytes.read", "r", 64, 4)} ${ignored("bytes.write", "w", 32, 1)} ${call("bytes.drop-writable", "w")} ${readEvent}`,
      [STREAM_READ, 1, dropped(1)],
    ],
    [
      "the reader goes after all was read: the writer is told both",
      `${bytes} ${ignored("bytes.write", "w", 32, 4)} ${ignored("bytes.read", "r", 64, 4)} ${call("bytes.drop-readable", "r")} ${writeEvent}`,
      [STREAM_WRITE, 2, dropped(4)],
    ],
    [
      "a read after the writer went",
      `${bytes} ${call("bytes.drop-writable", "w")} ${logged("bytes.read", "r", 64, 4)}`,
      [dropped(0)],
    ],
    [
      "a read of nothing after the writer went",
      `${bytes} ${call("bytes.drop-writable", "w")} ${logged("bytes.read", "r", 64, 0)}`,
      [dropped(0)],
    ],
    [
      "both ends are dropped",
      `${bytes} ${call("bytes.drop-readable", "r")} ${call("bytes.drop-writable", "w")} ${bytes} ${log("(local.get $r)")} ${log("(local.get $w)")}`,
      [2, 1],
    ],
    [
      "a read is cancelled before anything",
      `${bytes} ${ignored("bytes.read", "r", 64, 4)} ${logged("bytes.cancel-read", "r")} ${logged("bytes.write", "w", 32, 4)} ${logged("bytes.read", "r", 64, 4)}`,
      [cancelled(0), BLOCKED, completed(4)],
    ],
    [
      "a read is cancelled after a part",
      `${bytes} ${ignored("bytes.read", "r", 64, 4)} ${ignored("bytes.write", "w", 32, 1)} ${logged("bytes.cancel-read-async", "r")} ${logged("bytes.write", "w", 32, 4)}`,
      [cancelled(1), BLOCKED],
    ],
    [
      "a read is cancelled after all",
      `${bytes} ${ignored("bytes.read", "r", 64, 4)} ${ignored("bytes.write", "w", 32, 4)} ${logged("bytes.cancel-read", "r")}`,
      [cancelled(4)],
    ],
    [
      "a write is cancelled after a part",
      `${bytes} ${ignored("bytes.write", "w", 32, 4)} ${ignored("bytes.read", "r", 64, 1)} ${logged("bytes.cancel-write", "w")} ${logged("bytes.read", "r", 64, 4)}`,
      [cancelled(1), BLOCKED],
    ],
    [
      "a write is cancelled after the reader went",
      `${bytes} ${ignored("bytes.write", "w", 32, 4)} ${ignored("bytes.read", "r", 64, 1)} ${call("bytes.drop-readable", "r")} ${logged("bytes.cancel-write", "w")}`,
      [dropped(1)],
    ],
    [
      "an event of what was cancelled is gone",
      `${bytes} ${ignored("bytes.read", "r", 64, 4)} ${setOf("r")} ${ignored("bytes.write", "w", 32, 1)} ${logged("bytes.cancel-read-async", "r")} ${log(call("set.poll", "s", 8))}`,
      [cancelled(1), 0],
    ],
    [
      "values of four bytes",
      `${pair("words")} ${store(32, 0x11223344)} ${store(36, 5)} ${ignored("words.read", "r", 64, 3)} ${logged("words.write", "w", 32, 2)} ${load(64)} ${load(68)}
       ${logged("words.write", "w", 36, 2)} ${load(72)} ${readEvent}`,
      [completed(2), 0x11223344, 5, completed(1), 5, STREAM_READ, 1, completed(3)],
    ],
    [
      "source and target overlap",
      `${bytes} ${store(32, 0x04030201)} ${ignored("bytes.read", "r", 33, 4)} ${ignored("bytes.write", "w", 32, 4)} ${load(33)}`,
      [0x04030201],
    ],

    [
      "a second read",
      `${bytes} ${ignored("bytes.read", "r", 64, 4)} ${ignored("bytes.read", "r", 64, 4)}`,
      ["engine", "cannot have concurrent operations active on a future/stream"],
    ],
    [
      "a second write",
      `${bytes} ${ignored("bytes.write", "w", 64, 4)} ${ignored("bytes.write", "w", 64, 4)}`,
      ["engine", "cannot have concurrent operations active on a future/stream"],
    ],
    [
      "a read while an event waits to be taken",
      `${bytes} ${ignored("bytes.read", "r", 64, 4)} ${ignored("bytes.write", "w", 64, 4)} ${ignored("bytes.read", "r", 64, 4)}`,
      ["engine", "cannot have concurrent operations active on a future/stream"],
    ],
    [
      "a read after it was told that the writer went",
      `${bytes} ${call("bytes.drop-writable", "w")} ${ignored("bytes.read", "r", 64, 4)} ${ignored("bytes.read", "r", 64, 4)}`,
      ["host", "cannot read after being notified that the writable end dropped"],
    ],
    [
      "a write after it was told that the reader went",
      `${bytes} ${call("bytes.drop-readable", "r")} ${ignored("bytes.write", "w", 64, 0)} ${ignored("bytes.write", "w", 64, 4)}`,
      ["host", "cannot write after being notified that the readable end dropped"],
    ],
    [
      "a busy readable end is dropped",
      `${bytes} ${ignored("bytes.read", "r", 64, 4)} ${call("bytes.drop-readable", "r")}`,
      ["host", "cannot remove busy stream"],
    ],
    [
      "a busy writable end is dropped",
      `${bytes} ${ignored("bytes.write", "w", 64, 4)} ${call("bytes.drop-writable", "w")}`,
      ["host", "cannot drop busy stream"],
    ],
    [
      "a read of the writable end",
      `${bytes} ${ignored("bytes.read", "w", 64, 4)}`,
      ["engine", "cannot have concurrent operations active on a future/stream"],
    ],
    [
      "a write to the readable end",
      `${bytes} ${ignored("bytes.write", "r", 64, 4)}`,
      ["engine", "cannot have concurrent operations active on a future/stream"],
    ],
    [
      "the wrong end is cancelled: a read",
      `${bytes} ${ignored("bytes.cancel-read", "w")}`,
      ["host", "passed write end to `{stream|future}.cancel-read`"],
    ],
    [
      "the wrong end is cancelled: a write",
      `${bytes} ${ignored("bytes.cancel-write", "r")}`,
      ["host", "passed read end to `{stream|future}.cancel-write`"],
    ],
    [
      "nothing is there to be cancelled: a read",
      `${bytes} ${ignored("bytes.cancel-read", "r")}`,
      ["host", "stream or future read cancelled when no read is pending"],
    ],
    [
      "nothing is there to be cancelled: a write",
      `${bytes} ${ignored("bytes.cancel-write", "w")}`,
      ["host", "stream or future write cancelled when no write is pending"],
    ],
    [
      "the wrong end is dropped: the readable",
      `${bytes} ${call("bytes.drop-readable", "w")}`,
      ["host", "handle is not a readable end of a stream"],
    ],
    [
      "the wrong end is dropped: the writable",
      `${bytes} ${call("bytes.drop-writable", "r")}`,
      ["host", "passed read end to `stream.drop-writable`"],
    ],
    [
      "another stream's type",
      `${bytes} ${ignored("words.read", "r", 64, 1)}`,
      ["host", "handle is a stream of a different type"],
    ],
    [
      "no type for one",
      `${pair("units")} ${ignored("bytes.read", "r", 64, 1)}`,
      ["host", "handle is a stream of a different type"],
    ],
    [
      "another stream's type dropped",
      `${bytes} ${call("strings.drop-readable", "r")}`,
      ["host", "handle is a stream of a different type"],
    ],
    [
      "a future as a stream",
      `${pair("number")} ${ignored("bytes.read", "r", 64, 1)}`,
      ["host", "handle is not a stream"],
    ],
    ["a set as a stream", `${setOf()} ${ignored("bytes.read", "s", 64, 1)}`, ["host", "handle is not a stream"]],
    ["index 0", `${ignored("bytes.read", 0, 64, 1)}`, ["host", "unknown handle index 0"]],
    ["an index that is none", `${ignored("bytes.read", -1, 64, 1)}`, ["host", "unknown handle index 4294967295"]],
    [
      "a dropped end",
      `${bytes} ${call("bytes.drop-readable", "r")} ${ignored("bytes.read", "r", 64, 1)}`,
      ["host", "unknown handle index 1"],
    ],
    [
      "too many values",
      `${bytes} ${ignored("bytes.read", "r", 64, 0x10000000)}`,
      ["engine", "stream read/write count too large"],
    ],
    [
      "too many of nothing",
      `${pair("units")} ${ignored("units.write", "w", 64, -1)}`,
      ["engine", "stream read/write count too large"],
    ],
    [
      "a read beyond the memory",
      `${bytes} ${ignored("bytes.read", "r", 131072, 1)}`,
      ["host", "read pointer out of bounds of memory"],
    ],
    [
      "a write beyond the memory",
      `${bytes} ${ignored("bytes.write", "w", 131071, 2)}`,
      ["host", "read pointer out of bounds of memory"],
    ],
    [
      "many values beyond the memory",
      `${pair("words")} ${ignored("words.write", "w", 0, 0xfffffff)}`,
      ["host", "read pointer out of bounds of memory"],
    ],
    [
      "a read that is not aligned",
      `${pair("words")} ${ignored("words.read", "r", 66, 1)}`,
      ["host", "read pointer not aligned"],
    ],
    [
      "a write that is not aligned",
      `${pair("words")} ${ignored("words.write", "w", 66, 1)}`,
      ["host", "write pointer not aligned"],
    ],
    [
      "values that are no numbers, within one instance",
      `${pair("strings")} ${ignored("strings.read", "r", 64, 1)} ${ignored("strings.write", "w", 32, 1)}`,
      ["host", "cannot read from and write to intra-component future/stream with non-numeric payload"],
    ],
    [
      "none of them, within one instance",
      `${pair("strings")} ${ignored("strings.read", "r", 64, 1)} ${ignored("strings.write", "w", 32, 0)}`,
      ["host", "cannot read from and write to intra-component future/stream with non-numeric payload"],
    ],
    [
      "a read that waits inside, in a set",
      `${bytes} ${setOf("r")} ${ignored("bytes.read-sync", "r", 64, 1)}`,
      ["engine", "waitable cannot be used synchronously while added to a waitable set"],
    ],
    [
      "a write that waits inside, in a set",
      `${bytes} ${setOf("w")} ${ignored("bytes.write-sync", "w", 64, 1)}`,
      ["engine", "waitable cannot be used synchronously while added to a waitable set"],
    ],
    [
      "a cancel that waits inside, in a set",
      `${bytes} ${ignored("bytes.read", "r", 64, 1)} ${setOf("r")} ${ignored("bytes.cancel-read", "r")}`,
      ["engine", "waitable cannot be used synchronously while added to a waitable set"],
    ],
    [
      "a read inside that nobody can end",
      `${bytes} ${ignored("bytes.read-sync", "r", 64, 1)}`,
      ["engine", "deadlock detected: event loop cannot make further progress"],
    ],
    [
      "a read inside that has something",
      `${bytes} ${ignored("bytes.write", "w", 32, 4)} ${logged("bytes.read-sync", "r", 64, 8)}`,
      [completed(4)],
    ],
  ]);
});
