/** What a guest reads from its host and writes to it (component/streams.ts). */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Case, call, component, drop, hostFor, i32, lift, locals, pair, setOf, start, table } from "./guest.ts";
import { type Answer, ENDED, GIVEN_UP, given, open, parts } from "./hosts.ts";
import {
  BLOCKED,
  cancelled,
  completed,
  dropped,
  load,
  logged,
  readEvent,
  STREAM_READ,
  STREAM_WRITE,
  writeEvent,
} from "./words.ts";

const reads: readonly (readonly [source: readonly Answer[], ...Case])[] = [
  [[3], "what is there", `${open} ${logged("bytes.read", "r", 64, 8)} ${load(64)}`, [completed(3), 0x030201]],
  [
    [9],
    "no more than is asked for",
    `${open} ${logged("bytes.read", "r", 64, 2)} ${logged("bytes.read", "r", 66, 2)} ${load(64)}`,
    [completed(2), completed(2), 0x04030201],
  ],
  [
    ["would-block", 3],
    "what comes later",
    `${open} ${logged("bytes.read", "r", 64, 8)} ${readEvent} ${load(64)}`,
    [BLOCKED, STREAM_READ, 1, completed(3), 0x030201],
  ],
  [
    [3, 2],
    "after a short read it is waited for",
    `${open} ${logged("bytes.read", "r", 64, 8)} ${logged("bytes.read", "r", 67, 8)} ${readEvent}`,
    [completed(3), BLOCKED, STREAM_READ, 1, completed(2)],
  ],
  [[3], "nothing: the host is always there", `${open} ${logged("bytes.read", "r", -1, 0)}`, [completed(0)]],
  [
    ["would-block", 3],
    "nothing, after a read that found nothing: it waits until there is something",
    `${open} ${logged("bytes.read", "r", 64, 8)} ${logged("bytes.cancel-read", "r")} ${logged("bytes.read", "r", -1, 0)}
     ${readEvent} ${logged("bytes.read", "r", 64, 8)}`,
    [BLOCKED, cancelled(0), BLOCKED, STREAM_READ, 1, completed(0), completed(3)],
  ],
  [
    [],
    "after the end",
    `${open} ${logged("bytes.read", "r", 64, 8)} ${call("bytes.drop-readable", "r")}`,
    [dropped(0)],
  ],
  [
    ["would-block"],
    "when the end comes later",
    `${open} ${logged("bytes.read", "r", 64, 8)} ${readEvent} ${call("bytes.drop-readable", "r")}`,
    [BLOCKED, STREAM_READ, 1, dropped(0)],
  ],
  [[3], "dropped before the end", `${open} ${call("bytes.drop-readable", "r")}`, [GIVEN_UP]],
  [
    ["would-block", 3],
    "cancelled, and read again",
    `${open} ${logged("bytes.read", "r", 64, 8)} ${logged("bytes.cancel-read", "r")} ${logged("bytes.read", "r", 64, 8)}`,
    [BLOCKED, cancelled(0), completed(3)],
  ],
  [
    ["would-block", 3],
    "inside the guest",
    `${open} ${logged("bytes.read-sync", "r", 64, 8)} ${load(64)}`,
    [completed(3), 0x030201],
  ],
  [
    ["would-block", 3],
    "while it is busy dropped",
    `${open} ${drop(call("bytes.read", "r", 64, 8))} ${call("bytes.drop-readable", "r")}`,
    ["host", "cannot remove busy stream"],
  ],
  [
    [],
    "after its end was told",
    `${open} ${drop(call("bytes.read", "r", 64, 8))} ${drop(call("bytes.read", "r", 64, 8))}`,
    ["host", "cannot read after being notified that the writable end dropped"],
  ],
];

const writes: readonly (readonly [sink: readonly Answer[], ...Case])[] = [
  [
    [],
    "all of it",
    `${pair("bytes")} ${call("give", "r")} (i32.store ${i32(32)} ${i32(0x0201)}) ${logged("bytes.write", "w", 32, 2)}`,
    [1, 2, completed(2)],
  ],
  [
    [1, 1],
    "a part of it",
    `${pair("bytes")} ${call("give", "r")} (i32.store ${i32(32)} ${i32(0x0201)}) ${logged("bytes.write", "w", 32, 2)} ${logged("bytes.write", "w", 33, 1)}`,
    [1, completed(1), 2, completed(1)],
  ],
  [
    ["would-block"],
    "later",
    `${pair("bytes")} ${call("give", "r")} (i32.store ${i32(32)} ${i32(0x0201)}) ${logged("bytes.write", "w", 32, 2)} ${writeEvent}`,
    [BLOCKED, 1, 2, STREAM_WRITE, 2, completed(2)],
  ],
  [
    ["closed"],
    "to one who is gone",
    `${pair("bytes")} ${call("give", "r")} ${logged("bytes.write", "w", 32, 2)} ${call("bytes.drop-writable", "w")}`,
    [dropped(0)],
  ],
  [
    ["would-block", "closed"],
    "to one who goes",
    `${pair("bytes")} ${call("give", "r")} ${logged("bytes.write", "w", 32, 2)} ${writeEvent}`,
    [BLOCKED, STREAM_WRITE, 2, dropped(0)],
  ],
  [[], "nothing", `${pair("bytes")} ${call("give", "r")} ${logged("bytes.write", "w", -1, 0)}`, [completed(0)]],
  [
    ["would-block"],
    "nothing, after a write of which nothing was taken: it waits until something would be",
    `${pair("bytes")} ${call("give", "r")} (i32.store ${i32(32)} ${i32(0x0201)}) ${logged("bytes.write", "w", 32, 2)}
     ${logged("bytes.cancel-write", "w")} ${logged("bytes.write", "w", -1, 0)} ${writeEvent} ${logged("bytes.write", "w", 32, 2)}`,
    [BLOCKED, cancelled(0), BLOCKED, STREAM_WRITE, 2, completed(0), 1, 2, completed(2)],
  ],
  [[], "and ends it", `${pair("bytes")} ${call("give", "r")} ${call("bytes.drop-writable", "w")}`, [ENDED]],
  [
    [],
    "before it is given away",
    `${pair("bytes")} (i32.store8 ${i32(32)} ${i32(5)}) ${logged("bytes.write", "w", 32, 1)} ${call("give", "r")} ${writeEvent}`,
    [BLOCKED, 5, STREAM_WRITE, 2, completed(1)],
  ],
  [
    [],
    "and ends it before it is given away",
    `${pair("bytes")} ${call("bytes.drop-writable", "w")} ${call("give", "r")}`,
    [ENDED],
  ],
  [
    [],
    "the rest of what the guest has read a part of",
    `${pair("bytes")} (i32.store ${i32(32)} ${i32(0x04030201)}) ${logged("bytes.write", "w", 32, 4)} ${logged("bytes.read", "r", 64, 1)} ${call("give", "r")} ${writeEvent}`,
    [BLOCKED, completed(1), 2, 3, 4, STREAM_WRITE, 2, completed(4)],
  ],
  [
    [],
    "nothing of what the guest has read all of",
    `${pair("bytes")} ${logged("bytes.write", "w", 32, 4)} ${logged("bytes.read", "r", 64, 4)} ${call("give", "r")} ${writeEvent}`,
    [BLOCKED, completed(4), STREAM_WRITE, 2, completed(4)],
  ],
  [
    ["would-block"],
    "cancelled",
    `${pair("bytes")} ${call("give", "r")} ${logged("bytes.write", "w", 32, 2)} ${logged("bytes.cancel-write", "w")} ${call("bytes.drop-writable", "w")}`,
    [BLOCKED, cancelled(0), ENDED],
  ],
  [
    ["would-block"],
    "inside the guest",
    `${pair("bytes")} ${call("give", "r")} (i32.store ${i32(32)} ${i32(0x0201)}) ${logged("bytes.write-sync", "w", 32, 2)}`,
    [1, 2, completed(2)],
  ],
  [
    ["closed"],
    "after its end was told",
    `${pair("bytes")} ${call("give", "r")} ${drop(call("bytes.write", "w", 32, 2))} ${drop(call("bytes.write", "w", 32, 2))}`,
    ["host", "cannot write after being notified that the readable end dropped"],
  ],
];

const gives: readonly Case[] = [
  ["the writable end", `${pair("bytes")} ${call("give", "w")}`, ["host", "handle is not a readable end of a stream"]],
  [
    "an end that is busy",
    `${pair("bytes")} ${drop(call("bytes.read", "r", 64, 1))} ${call("give", "r")}`,
    ["host", "cannot remove busy stream"],
  ],
  [
    "an end in a set",
    `${pair("bytes")} ${setOf("r")} ${call("give", "r")}`,
    ["host", "cannot lift stream while it's in a waitable set"],
  ],
  [
    "an end whose other end is known to be gone",
    `${pair("bytes")} ${call("bytes.drop-writable", "w")} ${drop(call("bytes.read", "r", 64, 1))} ${call("give", "r")}`,
    ["host", "cannot lift stream after being notified that the writable end dropped"],
  ],
  ["another stream", `${pair("words")} ${call("give", "r")}`, ["host", "handle is a stream of a different type"]],
  ["a future", `${pair("number")} ${call("give", "r")}`, ["host", "handle is not a stream"]],
  ["a set", `${setOf()} ${call("give", "s")}`, ["host", "handle is not a stream"]],
  ["nothing", call("give", 0), ["host", "unknown handle index 0"]],
  ["the same twice", `${pair("bytes")} ${call("give", "r")} ${call("give", "r")}`, ["host", "unknown handle index 1"]],
];

/** More at once than the host's buffer has room for. */
const longRead = (count: number): Case => [
  "more than its buffer holds",
  `${open} ${logged("bytes.read", "r", 64, 99)}`,
  [completed(count)],
];

describe("a guest reads what a host produces:", () => {
  for (const [source, ...each] of reads) table([each], parts, given(source));
  table([longRead(16)], parts, given([99]));
});

describe("a guest reads what a host puts straight into its memory:", () => {
  for (const [source, ...each] of reads) table([each], parts, given(source, [], true));
  table([longRead(99)], parts, given([99], [], true));
});

describe("a guest writes what a host consumes:", () => {
  for (const [sink, ...each] of writes) table([each], parts, given([], sink));
});

describe("a guest gives its host", () => table(gives, parts, given([])));

describe("bytes are for a stream of bytes", () => {
  for (const [name, type, imported] of [
    ["of words", "$words", "open"],
    ["of nothing", "$units", "open"],
    ["of words, to the host", "$words", "give"],
    ["of nothing, to the host", "$units", "give"],
  ] as const) {
    it(name, async () => {
      const of = type.slice(1);
      const text = component({
        imports: `(import "${imported}" (func $f ${imported === "open" ? `(result ${type})` : `(param "s" ${type})`}))`,
        funcs: { f: [imported === "open" ? "(result i32)" : "(param i32)", "lower (func $f)"] },
        code: `(func (export "run") ${locals} ${imported === "open" ? drop("(call $f)") : `${pair(of)} ${call("f", "r")} ${drop(call(`${of}.write`, "w", 32, 1))}`})`,
        exports: lift("run", "async"),
      });
      const { exports } = await start(
        "blocking",
        text,
        given([1])(await hostFor("blocking"), () => {}),
      );
      assert.throws(() => exports["run"]!(), /bytes are for a `stream<u8>`, which this is not/);
    });
  }
});
