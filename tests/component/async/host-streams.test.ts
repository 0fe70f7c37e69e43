/** Streams and futures between a guest and its host (component/streams.ts), and from host to host. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HostImports } from "../../../src/component/host.ts";
import {
  type ByteConsumer,
  type ByteProducer,
  HostFuture,
  type ReadableBytes,
  type ReadableFuture,
  type ValueProducer,
} from "../../../src/component/streams.ts";
import { Condition } from "../../../src/core/wait/condition.ts";
import {
  type Case,
  type CoreFuncs,
  call,
  component,
  drop,
  get,
  type Host,
  hostFor,
  i32,
  lift,
  locals,
  log,
  logEvent,
  pair,
  setOf,
  start,
  table,
  waits,
  withMemory,
} from "./guest.ts";

const BLOCKED = 0xffff_ffff;
const completed = (count: number): number => count << 4;
const dropped = (count: number): number => 1 | (count << 4);
const cancelled = (count: number): number => 2 | (count << 4);
const [STREAM_READ, STREAM_WRITE, FUTURE_READ, FUTURE_WRITE] = [2, 3, 4, 5];
const logged = (name: string, ...args: readonly (string | number)[]): string => log(call(name, ...args));
const load = (at: number): string => log(`(i32.load ${i32(at)})`);
/** What the host logs: that it was told of the end of a stream, that its stream was dropped. */
const [ENDED, GIVEN_UP] = [1001, 1002];

type Answer = number | "would-block" | "closed";

/** Holds some time after it was asked for. */
function passing({ machine }: Host): { readonly condition: Condition; begin(): void } {
  const condition = Condition.timer(0);
  return { condition, begin: () => condition.retime(machine.now() + 1e5) };
}

/** Produces so many bytes at each call, of those that count up from 1; what it would block at is ready a little later. */
class Source implements ByteProducer {
  readonly buffer = new Uint8Array(16);
  readonly readiness: Condition;
  readonly #answers: Answer[];
  readonly #log: (n: number) => void;
  readonly #begin: () => void;
  #next = 1;

  constructor(host: Host, log: (n: number) => void, ...answers: Answer[]) {
    const { condition, begin } = passing(host);
    this.readiness = condition;
    this.#begin = begin;
    this.#answers = answers;
    this.#log = log;
  }

  produce(max: number): Answer {
    const answer = this.#answers.shift() ?? "closed";
    if (answer === "would-block") this.#begin();
    if (typeof answer !== "number") return answer;
    const count = Math.min(answer, max);
    for (let i = 0; i < count; i++) this.buffer[i] = this.#next++;
    if (count < answer) this.#answers.unshift(answer - count);
    return count;
  }

  drop(): void {
    this.#log(GIVEN_UP);
  }
}

/** Consumes so many bytes at each call, all when it has no more to say, and logs each. */
class Sink implements ByteConsumer {
  readonly readiness: Condition;
  readonly #answers: Answer[];
  readonly #log: (n: number) => void;
  readonly #begin: () => void;

  constructor(host: Host, log: (n: number) => void, ...answers: Answer[]) {
    const { condition, begin } = passing(host);
    this.readiness = condition;
    this.#begin = begin;
    this.#answers = answers;
    this.#log = log;
  }

  consume(bytes: Uint8Array, start: number, end: number): Answer {
    const answer = this.#answers.shift() ?? end - start;
    if (answer === "would-block") this.#begin();
    if (typeof answer !== "number") return answer;
    const count = Math.min(answer, end - start);
    for (const byte of bytes.subarray(start, start + count)) this.#log(byte);
    return count;
  }

  end(): void {
    this.#log(ENDED);
  }
}

const funcs: CoreFuncs = {
  open: ["(result i32)", "lower (func $open)"],
  give: ["(param i32)", "lower (func $give)"],
};
const parts = {
  imports: '(import "open" (func $open (result $bytes))) (import "give" (func $give (param "bytes" $bytes)))',
  funcs,
};

function given(source: readonly Answer[], sink: readonly Answer[] = []) {
  return (host: Host, log: (n: number) => void): HostImports =>
    ({
      open: () => new Source(host, log, ...source),
      give: (bytes: ReadableBytes) => bytes.pipe(new Sink(host, log, ...sink)),
    }) as HostImports;
}

const open = `(local.set $r ${call("open")})`;
const readEvent = `${setOf("r")} ${logEvent()}`;
const writeEvent = `${setOf("w")} ${logEvent()}`;

const reads: readonly (readonly [source: readonly Answer[], ...Case])[] = [
  [[3], "what is there", `${open} ${logged("bytes.read", "r", 64, 8)} ${load(64)}`, [completed(3), 0x030201]],
  [
    [9],
    "no more than is asked for",
    `${open} ${logged("bytes.read", "r", 64, 2)} ${logged("bytes.read", "r", 66, 2)} ${load(64)}`,
    [completed(2), completed(2), 0x04030201],
  ],
  [[99], "no more than the buffer has room for", `${open} ${logged("bytes.read", "r", 64, 99)}`, [completed(16)]],
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

describe("a guest reads what a host produces:", () => {
  for (const [source, ...each] of reads) table([each], parts, given(source));
});

describe("a guest writes what a host consumes:", () => {
  for (const [sink, ...each] of writes) table([each], parts, given([], sink));
});

describe("a guest gives its host", () => table(gives, parts, given([])));

const splices: readonly [
  name: string,
  source: readonly Answer[],
  sink: readonly Answer[],
  expected: readonly number[],
][] = [
  ["at once", [3], [], [1, 2, 3, ENDED]],
  [
    "more than the buffer",
    [20],
    [],
    [
      ...Array(20)
        .keys()
        .map((n) => n + 1),
      ENDED,
    ],
  ],
  ["what comes later", ["would-block", 2, "would-block", 2], [], [1, 2, 3, 4, ENDED]],
  ["to one who takes a part", [4], [1, 2], [1, 2, 3, 4, ENDED]],
  ["to one who takes it later", [4], [1, "would-block", 1, "would-block"], [1, 2, 3, 4, ENDED]],
  ["to one who goes", [4], [1, "closed"], [1, GIVEN_UP]],
  ["to one who goes later", [4], ["would-block", "closed"], [GIVEN_UP]],
  ["to one who goes while nothing comes", ["would-block", 1], ["closed"], [GIVEN_UP]],
  ["nothing", [], [], [ENDED]],
];

describe("what goes from host to host", () => {
  for (const [name, source, sink, expected] of splices) {
    for (const wait of waits) {
      it(`${name} (${wait})`, async () => {
        const text = component({
          imports: `${parts.imports} (import "pause" (func $pause-host async))`,
          funcs: { ...funcs, pause: ["", "lower (func $pause-host)"] },
          code: `(func (export "run") ${locals} ${call("give", call("open"))} ${call("pause")}
            ;; its handles are gone
            ${pair("bytes")} ${log(get("r"))}) `,
          exports: lift("run", "async"),
        });
        const host = await hostFor(wait);
        const seen: number[] = [];
        const ended = Condition.timer(host.machine.now() + 60e9);
        const note = (n: number) => {
          seen.push(n);
          if (n === ENDED || n === GIVEN_UP) ended.settle();
        };
        const { exports, logged } = await start(wait, text, {
          ...given(source, sink)(host, note),
          *pause() {
            yield ended;
          },
        });
        await exports["run"]!();
        assert.deepEqual(seen, expected);
        assert.deepEqual(logged, [1]);
      });
    }
  }

  it("leaves the guest's memory alone", async () => {
    const text = component({
      imports: parts.imports,
      funcs,
      code: `(func (export "run") (result i32) (local $at i32) (local $sum i32) ${call("give", call("open"))}
        (loop $more
          (local.set $sum (i32.or (local.get $sum) (i32.load8_u (local.get $at))))
          (br_if $more (i32.ne (local.tee $at (i32.add (local.get $at) ${i32(1)})) ${i32(131072)})))
        (local.get $sum))`,
      exports: lift("run", "async (result u32)"),
    });
    const host = await hostFor("blocking");
    const { exports } = await start(
      "blocking",
      text,
      given([20])(host, () => {}),
    );
    assert.equal(exports["run"]!(), 0);
  });
});

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

const futures = {
  imports: `(import "open" (func $open (result $number))) (import "open-text" (func $open-text (result $text)))
    (import "resolve" (func $resolve)) (import "give" (func $give (param "number" $number)))
    (import "give-text" (func $give-text (param "text" $text))) (import "pause" (func $pause-host async))`,
  funcs: {
    open: ["(result i32)", "lower (func $open)"],
    "open-text": ["(result i32)", "lower (func $open-text)"],
    resolve: ["", "lower (func $resolve)"],
    give: ["(param i32)", "lower (func $give)"],
    "give-text": ["(param i32)", "lower (func $give-text)"],
    pause: ["", "lower (func $pause-host)"],
  } as CoreFuncs,
};

describe("a future", () => {
  const imports = ({ machine }: Host, log: (n: number) => void): HostImports => {
    const number = new HostFuture<number>();
    const text = new HostFuture<string>();
    const resolve = () => {
      number.resolve(5);
      text.resolve("abc");
    };
    return {
      open: () => number,
      openText: () => text,
      resolve,
      give: (future: ReadableFuture<number>) => future.read(log),
      giveText: (future: ReadableFuture<string>) => future.read((value) => log(value.length)),
      *pause() {
        yield Condition.timer(machine.now() + 1e5);
        resolve();
      },
    } as HostImports;
  };
  const openText = `(local.set $r ${call("open-text")})`;
  table(
    [
      [
        "of the host's that is resolved",
        `${open} ${call("resolve")} ${logged("number.read", "r", 64)} ${load(64)} ${call("number.drop-readable", "r")}`,
        [0, 5],
      ],
      [
        "of the host's that is resolved later",
        `${open} ${logged("number.read", "r", 64)} ${call("pause")} ${readEvent} ${load(64)}`,
        [BLOCKED, FUTURE_READ, 1, 0, 5],
      ],
      [
        "of the host's that is resolved while it is read",
        `${open} ${logged("number.read", "r", 64)} ${call("resolve")} ${readEvent} ${load(64)}`,
        [BLOCKED, FUTURE_READ, 1, 0, 5],
      ],
      [
        "of a string",
        `${openText} ${logged("text.read", "r", 64)} ${call("pause")} ${readEvent} ${load(68)}`,
        [BLOCKED, FUTURE_READ, 1, 0, 3],
      ],
      ["of the host's, dropped", `${open} ${call("number.drop-readable", "r")} ${call("resolve")}`, []],
      [
        "of the host's, cancelled and read again",
        `${open} ${logged("number.read", "r", 64)} ${logged("number.cancel-read", "r")} ${call("resolve")} ${load(64)} ${logged("number.read", "r", 64)} ${load(64)}`,
        [BLOCKED, 2, 0, 0, 5],
      ],
      ["of the host's, given back", `${open} ${call("give", "r")} ${call("resolve")}`, [5]],
      [
        "of the host's, read twice",
        `${open} ${call("resolve")} ${drop(call("number.read", "r", 64))} ${drop(call("number.read", "r", 64))}`,
        ["host", "cannot read from future after previous read succeeded"],
      ],
      [
        "of the host's, read and given back",
        `${open} ${call("resolve")} ${drop(call("number.read", "r", 64))} ${call("give", "r")}`,
        ["host", "cannot lift future after previous read succeeded"],
      ],
      [
        "of the guest's, written before",
        `${pair("number")} (i32.store ${i32(32)} ${i32(9)}) ${logged("number.write", "w", 32)} ${call("give", "r")} ${writeEvent} ${call("number.drop-writable", "w")}`,
        [BLOCKED, 9, FUTURE_WRITE, 2, 0],
      ],
      [
        "of the guest's, written after",
        `${pair("number")} (i32.store ${i32(32)} ${i32(9)}) ${call("give", "r")} ${logged("number.write", "w", 32)} ${call("number.drop-writable", "w")}`,
        [9, 0],
      ],
      [
        "of the guest's, of a string",
        `${pair("text")} (i32.store ${i32(36)} ${i32(4)}) ${call("give-text", "r")} ${logged("text.write", "w", 32)}`,
        [4, 0],
      ],
      [
        "of the guest's, of a string beyond the memory",
        `${pair("text")} (i32.store ${i32(36)} ${i32(-1)}) ${call("give-text", "r")} ${logged("text.write", "w", 32)}`,
        ["host", "string pointer/length out of bounds of memory"],
      ],
      [
        "of the guest's, given while busy",
        `${pair("number")} ${drop(call("number.read", "r", 64))} ${call("give", "r")}`,
        ["host", "cannot remove busy future"],
      ],
      [
        "of the guest's, given in a set",
        `${pair("number")} ${setOf("r")} ${call("give", "r")}`,
        ["host", "cannot lift future while it's in a waitable set"],
      ],
      [
        "of the guest's, the writable end",
        `${pair("number")} ${call("give", "w")}`,
        ["host", "handle is not a readable end of a future"],
      ],
    ],
    futures,
    imports,
  );

  it("that the host's event loop resolves is waited for", async () => {
    const text = component({
      imports: futures.imports,
      funcs: futures.funcs,
      code: `(func (export "run") ${locals} ${openText} ${logged("text.read", "r", 64)} ${readEvent} ${load(68)})`,
      exports: lift("run", "async"),
    });
    const future = new HostFuture<string>();
    const imports = { ...imports_(await hostFor("suspending")), openText: () => future } as HostImports;
    const started = await start("suspending", text, imports);
    setTimeout(() => future.resolve("abc"), 1);
    await started.exports["run"]!();
    assert.deepEqual(started.logged, [BLOCKED, FUTURE_READ, 1, 0, 3]);
  });

  it("whose value cannot be given to the guest ends that, and not who resolves it", async () => {
    const text = component({
      imports: futures.imports,
      funcs: futures.funcs,
      code: `(func (export "run") ${locals} ${openText} ${logged("text.read", "r", 64)} ${readEvent})`,
      exports: lift("run", "async"),
    });
    const future = new HostFuture<unknown>();
    const imports = { ...imports_(await hostFor("suspending")), openText: () => future } as HostImports;
    const { exports } = await start("suspending", text, imports);
    const running = exports["run"]!() as Promise<unknown>;
    await Promise.resolve();
    const broken = new RangeError("no string");
    const value = {
      toString() {
        throw broken;
      },
    };
    future.resolve(value);
    await assert.rejects(running, (error) => error === broken);
  });

  function imports_(host: Host): HostImports {
    return imports(host, () => {});
  }
});

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
