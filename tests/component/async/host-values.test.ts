import { describe } from "node:test";
import type { HostImports } from "../../../src/component/host.ts";
import type { ReadableValues, ValueConsumer, ValueProducer } from "../../../src/component/streams.ts";
import { Condition } from "../../../src/core/wait/condition.ts";
import {
  type Case,
  type CoreFuncs,
  call,
  drop,
  type Host,
  i32,
  log,
  logEvent,
  pair,
  setOf,
  table,
  withMemory,
} from "./guest.ts";
import { ENDED, open, passing } from "./hosts.ts";
import {
  BLOCKED,
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

/** Takes so many strings at each call, and logs the length of each; 0: none yet. */
class Taker implements ValueConsumer<string> {
  readonly readiness: Condition;
  readonly #rooms: (number | "closed")[];
  readonly #begin: () => void;
  readonly #log: (n: number) => void;

  constructor(host: Host, log: (n: number) => void, ...rooms: (number | "closed")[]) {
    const { condition, begin } = passing(host);
    this.readiness = condition;
    this.#begin = begin;
    this.#rooms = rooms;
    this.#log = log;
  }

  room(): number | "closed" {
    const room = this.#rooms.shift() ?? 9;
    if (room === 0) this.#begin();
    return room;
  }

  consume(values: readonly string[]): void {
    for (const { length } of values) this.#log(length);
  }

  end(): void {
    this.#log(ENDED);
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

describe("a guest writes values that its host takes:", () => {
  const strings = `${pair("strings")} ${[3, 5, 7].map((length, i) => store(36 + 8 * i, length)).join(" ")}`;
  const given = `${strings} ${call("give", "r")}`;
  const end = call("strings.drop-writable", "w");
  const cases: readonly (readonly [rooms: readonly (number | "closed")[], ...Case])[] = [
    [[], "all", `${given} ${logged("strings.write", "w", 32, 3)} ${end}`, [3, 5, 7, completed(3), ENDED]],
    [
      [2],
      "some",
      `${given} ${logged("strings.write", "w", 32, 3)} ${logged("strings.write", "w", 48, 1)} ${end}`,
      [3, 5, completed(2), 7, completed(1), ENDED],
    ],
    [
      [0],
      "later",
      `${given} ${logged("strings.write", "w", 32, 1)} ${writeEvent} ${end}`,
      [BLOCKED, 3, STREAM_WRITE, 2, completed(1), ENDED],
    ],
    [["closed"], "none", `${given} ${logged("strings.write", "w", 32, 1)} ${end}`, [dropped(0)]],
    [
      [0, "closed"],
      "none, in the end",
      `${given} ${logged("strings.write", "w", 32, 1)} ${writeEvent} ${end}`,
      [BLOCKED, STREAM_WRITE, 2, dropped(0)],
    ],
    [
      [],
      "that it began to write before",
      `${strings} ${logged("strings.write", "w", 32, 2)} ${call("give", "r")} ${writeEvent} ${end}`,
      [BLOCKED, 3, 5, STREAM_WRITE, 2, completed(2), ENDED],
    ],
    [
      [],
      "one beyond the memory",
      `${given} ${store(36, -1)} ${ignored("strings.write", "w", 32, 1)}`,
      ["host", "string pointer/length out of bounds of memory"],
    ],
  ];
  for (const [rooms, ...each] of cases)
    table(
      [each],
      {
        imports: '(import "give" (func $give (param "strings" $strings)))',
        funcs: { give: ["(param i32)", "lower (func $give)"] },
      },
      (host, log) =>
        ({ give: (strings: ReadableValues<string>) => strings.pipe(new Taker(host, log, ...rooms)) }) as HostImports,
    );
});

describe("values go from a host's producer to its consumer, past the guest:", () => {
  const cases: readonly (readonly [
    produced: readonly (readonly string[] | "would-block")[],
    rooms: readonly (number | "closed")[],
    ...Case,
  ])[] = [
    [[["abc"], "would-block", ["d", "ef"]], [], "all", "", [3, 1, 2, ENDED]],
    [[["abc"], ["d"]], [1, 0, 1], "as it has room", "", [3, 1, ENDED]],
    [[["abc"], ["d"]], [1, "closed"], "until it takes no more", "", [3]],
    [[["abc"], ["d"]], [0, "closed"], "until it takes none", "", []],
  ];
  for (const [produced, rooms, name, code, expected] of cases)
    table(
      [[name, `${call("give", call("open"))} ${code} ${ignored("pause")}`, expected]],
      {
        imports: `(import "open" (func $open (result $strings))) (import "give" (func $give (param "strings" $strings)))
          (import "pause" (func $pause-host async (result u32)))`,
        funcs: {
          open: ["(result i32)", "lower (func $open)"],
          give: ["(param i32)", "lower (func $give)"],
          pause: ["(result i32)", "lower (func $pause-host)"],
        } as CoreFuncs,
      },
      (host, log) => {
        const producer = new Values(host, ...produced);
        const over = Condition.ready();
        over.markPending();
        const noted = (n: number) => {
          log(n);
          if (n === ENDED) over.markReady();
        };
        const { drop } = producer;
        return {
          open: () =>
            Object.assign(producer, {
              drop() {
                drop.call(producer);
                over.markReady();
              },
            }),
          give: (strings: ReadableValues<string>) => strings.pipe(new Taker(host, noted, ...rooms)),
          *pause() {
            yield over;
            return 0;
          },
        } as HostImports;
      },
    );
});
