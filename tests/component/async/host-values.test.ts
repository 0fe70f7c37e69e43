import { describe } from "node:test";
import type { HostImports } from "../../../src/component/host.ts";
import type { ValueProducer } from "../../../src/component/streams.ts";
import type { Condition } from "../../../src/core/wait/condition.ts";
import { type CoreFuncs, call, drop, type Host, i32, log, logEvent, setOf, table, withMemory } from "./guest.ts";
import { open, passing } from "./hosts.ts";
import { BLOCKED, completed, load, logged, readEvent, STREAM_READ } from "./words.ts";

/** Values of a host's. */
class Values<T> implements ValueProducer<T> {
  readonly readiness: Condition;
  readonly #answers: (readonly T[] | "would-block")[];
  readonly #begin: () => void;
  readonly asked: number[] = [];
  dropped = false;

  constructor(host: Host, ...answers: (readonly T[] | "would-block")[]) {
    const { condition, begin } = passing(host);
    this.readiness = condition;
    this.#begin = begin;
    this.#answers = answers;
  }

  produce(max: number): readonly T[] | "would-block" | "closed" {
    this.asked.push(max);
    const answer = this.#answers.shift() ?? "closed";
    if (answer === "would-block") this.#begin();
    return answer;
  }

  drop(): void {
    this.dropped = true;
  }
}

class Thing {
  readonly number: number;
  constructor(number: number) {
    this.number = number;
  }
}

describe("a guest reads values of a host's:", () => {
  const words = `(i32.load (i32.load ${i32(64)})) (i32.const 0xffffff) i32.and call $log`;
  table(
    [
      [
        "strings",
        `${open} ${logged("strings.read", "r", 64, 4)} ${load(68)} ${words} ${load(76)} ${logged("strings.read", "r", 64, 4)} ${readEvent} ${load(68)} ${logged("strings.read", "r", 64, 4)}`,
        [completed(2), 3, 0x636261, 1, BLOCKED, STREAM_READ, 1, completed(1), 2, BLOCKED],
      ],
      [
        "strings beyond the memory",
        `${open} ${drop(call("strings.read", "r", 131068, 1))}`,
        ["host", "read pointer out of bounds of memory"],
      ],
    ],
    {
      imports: '(import "open" (func $open (result $strings)))',
      funcs: { open: ["(result i32)", "lower (func $open)"] },
    },
    (host) => ({ open: () => new Values(host, ["abc", "d"], "would-block", ["ef"], "would-block") }) as HostImports,
  );

  const things = {
    imports: `(import "thing" (type $thing (sub resource))) (type $things (stream (own $thing)))
      (import "open" (func $open (result $things))) (import "number" (func $number (param "thing" (borrow $thing)) (result u32)))`,
    funcs: {
      open: ["(result i32)", "lower (func $open)"],
      number: ["(param i32) (result i32)", "lower (func $number)"],
      "things.read": ["(param i32 i32 i32) (result i32)", `stream.read $things async ${withMemory}`],
      "drop-thing": ["(param i32)", "resource.drop $thing"],
    } as CoreFuncs,
  };
  table(
    [
      [
        "handles, which are new ones of the guest's",
        `${open} ${logged("things.read", "r", 64, 3)} ${load(64)} ${load(68)} ${log(`(call $number (i32.load ${i32(68)}))`)}
         ${call("drop-thing", `(i32.load ${i32(64)})`)} ${logged("things.read", "r", 64, 3)} ${setOf("r")} ${logEvent()} ${load(64)}`,
        [completed(2), 2, 3, 8, BLOCKED, STREAM_READ, 1, completed(1), 4],
      ],
    ],
    things,
    (host) =>
      ({
        thing: Thing,
        open: () => new Values(host, [new Thing(7), new Thing(8)], "would-block", [new Thing(9)]),
        number: (thing: Thing) => thing.number,
      }) as HostImports,
  );
});
