/** A guest whose calls of the host's all end at once: others have a turn nevertheless, so at some time one waits. */
import { describe } from "node:test";
import type { HostImports } from "../../../src/component/host.ts";
import type { ByteConsumer, ByteProducer, ReadableBytes } from "../../../src/component/streams.ts";
import { Condition } from "../../../src/core/wait/condition.ts";
import type { Blocking } from "../../../src/core/wait/poll.ts";
import { type CoreFuncs, call, i32, log, logEvent, pair, setOf, table, withMemory } from "./guest.ts";

const BLOCKED = -1;
const [SUBTASK, STREAM_READ, STREAM_WRITE] = [1, 2, 3];
const RETURNED = 2;
const CANCELLED = 2;
const ONE = 1 << 4;

/** Far more than ends at once. */
const MOST = 100_000;

class Endless implements ByteProducer, ByteConsumer {
  readonly buffer = new Uint8Array(16);
  readonly readiness = Condition.ready();

  produce(max: number): number {
    return Math.min(max, this.buffer.length);
  }

  consume(_: Uint8Array, start: number, end: number): number {
    return end - start;
  }

  drop(): void {}
  end(): void {}
}

function imports(): HostImports {
  const datagrams = [7];
  return {
    open: () => new Endless(),
    give: (bytes: ReadableBytes) => bytes.pipe(new Endless()),
    *answer(): Blocking<number> {
      while (datagrams.length === 0) yield Condition.ready();
      return datagrams[0]!;
    },
  };
}

const funcs: CoreFuncs = {
  open: ["(result i32)", "lower (func $open)"],
  give: ["(param i32)", "lower (func $give)"],
  answer: ["(param i32) (result i32)", `lower (func $answer) async ${withMemory}`],
};
const parts = {
  imports: `(import "open" (func $open (result $bytes))) (import "give" (func $give (param "bytes" $bytes)))
    (import "answer" (func $answer async (result u32)))`,
  funcs,
};

/** Makes a call again and again, at most so often, while what it returns (`$t`) is as told. Logs whether it stopped in time. */
const repeated = (called: string, condition: string): string => `
  (local.set $n (i32.const 0))
  (loop $again
    (local.set $t ${called})
    (local.set $n (i32.add (local.get $n) (i32.const 1)))
    (br_if $again (i32.and ${condition} (i32.lt_u (local.get $n) ${i32(MOST)}))))
  ${log(`(i32.lt_u (local.get $n) ${i32(MOST)})`)}`;
const notBlocked = `(i32.ne (local.get $t) ${i32(BLOCKED)})`;

describe("a guest whose calls end at once", () => {
  table(
    [
      [
        "reads",
        `(local.set $r (call $open)) ${repeated(call("bytes.read", "r", 64, 1), notBlocked)} ${setOf("r")} ${logEvent()}`,
        [1, STREAM_READ, 1, ONE],
      ],
      [
        "reads, and looks for events itself meanwhile",
        `(local.set $r (call $open)) (local.set $s (call $set.new))
         (loop $again
           (br_if $again (i32.and
             (i32.ne ${call("bytes.read", "r", 64, 1)} ${i32(BLOCKED)})
             (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) ${i32(MOST)}))))
         ${log(call("bytes.cancel-read", "r"))} ${log(call("set.poll", "s", 8))} ${log(call("bytes.read", "r", 64, 1))}`,
        [CANCELLED, 0, ONE],
      ],
      [
        "writes",
        `${pair("bytes")} (call $give (local.get $r)) ${repeated(call("bytes.write", "w", 64, 1), notBlocked)}
         ${setOf("w")} ${logEvent()}`,
        [1, STREAM_WRITE, 2, ONE],
      ],
      [
        "async calls",
        `${repeated(call("answer", 64), `(i32.eq (local.get $t) ${i32(RETURNED)})`)}
         (local.set $t (i32.shr_u (local.get $t) (i32.const 4))) ${setOf("t")} ${logEvent()} ${log("(i32.load (i32.const 64))")}`,
        [1, SUBTASK, 1, RETURNED, 7],
      ],
    ],
    parts,
    imports,
  );
});
