/** Streams and futures between two components: values from one memory to the other. */
import { describe } from "node:test";
import { call, drop, i32, lift, liftWithCallback, locals, log, type Parts, pair, withMemory } from "../async/guest.ts";
import { imported, pairs } from "./pair.ts";

const EXIT = i32(0);
const BLOCKED = 0xffff_ffff;
const [COMPLETED, DROPPED] = [0, 1];
const [SUBTASK, STREAM_READ, STREAM_WRITE, FUTURE_READ] = [1, 2, 3, 4];
const RETURNED = 2;
const copied = (count: number, result = COMPLETED) => (count << 4) | result;

/** Its `f` reads at most `most` values of what it is given to 256, and says what is there: `shown`. */
const reader = (of: string, most: number, shown: string): Parts => ({
  still: true,
  imports: "",
  funcs: { "return-none": ["", "task.return"] },
  code: `(global $r (mut i32) (i32.const 0))
    (func (export "f") (param $end i32) (result i32) ${locals}
      (global.set $r (local.get $end))
      ${log(call(`${of}.read`, "(local.get $end)", 256, most))}
      (local.set $s (call $set.new)) (call $join (global.get $r) (local.get $s))
      (i32.or (i32.const 2) (i32.shl (local.get $s) (i32.const 4))))
    (func (export "f-back") (param $event i32) (param $i i32) (param $payload i32) (result i32)
      ${log("(local.get $event)")} ${log("(local.get $payload)")} ${shown}
      (call $${of}.drop-readable (global.get $r)) ${call("return-none")} ${EXIT})`,
  exports: liftWithCallback("f", `(param "s" ${typeOf(of)})`),
});

function typeOf(of: string): string {
  return { bytes: "(stream u8)", words: "(stream u32)", strings: "(stream string)", number: "(future u32)" }[of]!;
}

/** Gives `f` the readable end, and writes from 128. */
const writer = (of: string, code: string): Parts => ({
  imports: imported(`"f" (func async (param "s" ${typeOf(of)}))`),
  funcs: { f: ["(param i32) (result i32)", `lower (func $c "f") async ${withMemory}`] },
  code: `(data (i32.const 128) "\\40\\00\\00\\00\\03\\00\\00\\00\\44\\00\\00\\00\\02\\00\\00\\00") (data (i32.const 64) "abc.de")
    (func (export "run") (local $a i32) ${locals} ${pair(of)} (local.set $a (call $f (local.get $r))) ${code})`,
  exports: lift("run", "async"),
});
const write = (of: string, count: number) => log(call(`${of}.write`, "w", 128, ...(of === "number" ? [] : [count])));
const ended = `(local.set $s (call $set.new)) (call $join (i32.shr_u (local.get $a) (i32.const 4)) (local.get $s))
  ${log("(call $set.wait (local.get $s) (i32.const 8))")} ${log("(i32.load (i32.const 12))")}`;
const word = (at: number) => log(`(i32.load (i32.const ${at}))`);

describe("a stream between components", () => {
  pairs([
    [
      "of bytes",
      reader("bytes", 8, word(256)),
      writer("bytes", `${write("bytes", 4)} ${ended}`),
      [BLOCKED, copied(4), STREAM_READ, copied(4), 64, SUBTASK, RETURNED],
    ],
    [
      "of numbers, of which the reader wants fewer",
      reader("words", 2, `${word(256)} ${word(260)} ${word(264)}`),
      writer("words", `${write("words", 4)} ${ended}`),
      [BLOCKED, copied(2), STREAM_READ, copied(2), 64, 3, 0, SUBTASK, RETURNED],
    ],
    [
      "of numbers, to which more is added before the reader hears of them",
      reader("words", 3, `${word(256)} ${word(260)} ${word(264)}`),
      writer("words", `${write("words", 1)} ${write("words", 4)} ${ended}`),
      [BLOCKED, copied(1), copied(2), STREAM_READ, copied(3), 64, 64, 3, SUBTASK, RETURNED],
    ],
    [
      "of strings, which the reader's realloc has a place for",
      reader(
        "strings",
        2,
        `${log("(i32.load8_u (i32.load (i32.const 256)))")} ${word(260)} ${log("(i32.load8_u (i32.load (i32.const 264)))")} ${word(268)}`,
      ),
      writer("strings", `${write("strings", 2)} ${ended}`),
      [BLOCKED, copied(2), STREAM_READ, copied(2), 97, 3, 100, 2, SUBTASK, RETURNED],
    ],
    [
      "whose writer goes",
      reader("bytes", 8, ""),
      writer("bytes", `${write("bytes", 4)} (call $bytes.drop-writable (local.get $w)) ${ended}`),
      [BLOCKED, copied(4), STREAM_READ, copied(4, DROPPED), SUBTASK, RETURNED],
    ],
    [
      "whose reader has gone",
      reader("bytes", 1, ""),
      writer("bytes", `${write("bytes", 1)} ${ended} ${write("bytes", 1)}`),
      [BLOCKED, copied(1), STREAM_READ, copied(1), SUBTASK, RETURNED, copied(0, DROPPED)],
    ],
    [
      "that a write waits for the reader of",
      reader("bytes", 4, word(256)),
      writer("bytes", `${log(call("bytes.write", "w", 128, 0))} ${write("bytes", 4)} ${ended}`),
      [BLOCKED, copied(0), copied(4), STREAM_READ, copied(4), 64, SUBTASK, RETURNED],
    ],
    [
      "that the writer has a place for no more",
      reader("bytes", 0, ""),
      writer(
        "bytes",
        `${write("bytes", 4)} (local.set $s (call $set.new)) (call $join (local.get $w) (local.get $s))
          ${log("(call $set.wait (local.get $s) (i32.const 8))")} ${log("(i32.load (i32.const 12))")}`,
      ),
      [BLOCKED, BLOCKED, STREAM_READ, copied(0), STREAM_WRITE, copied(0, DROPPED)],
    ],
  ]);
});

describe("a future between components", () => {
  const parts = reader("number", 0, word(256));
  pairs([
    [
      "of a number",
      { ...parts, code: parts.code.replace("(i32.const 256) (i32.const 0))", "(i32.const 256))") },
      writer("number", `${write("number", 1)} (call $number.drop-writable (local.get $w)) ${ended}`),
      [BLOCKED, COMPLETED, FUTURE_READ, COMPLETED, 64, SUBTASK, RETURNED],
    ],
    [
      "whose writer keeps its end",
      { ...parts, code: parts.code.replace("(i32.const 256) (i32.const 0))", "(i32.const 256))") },
      writer("number", `${drop(call("number.write", "w", 128))} ${ended}`),
      [BLOCKED, FUTURE_READ, COMPLETED, 64, SUBTASK, RETURNED],
    ],
  ]);
});
