/** What a guest of component model async may have of its host: handles of all sorts, what calls lend, bytes that are copied. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HostImports } from "../../../src/component/host.ts";
import {
  type ByteConsumer,
  type ByteProducer,
  HostFuture,
  type ReadableBytes,
  type ReadableFuture,
  type ReadableValues,
} from "../../../src/component/streams.ts";
import { Condition } from "../../../src/core/wait/condition.ts";
import { Trap } from "../../../src/core/wait/errors.ts";
import type { Blocking } from "../../../src/core/wait/poll.ts";
import {
  type CoreFuncs,
  call,
  component,
  drop,
  type Expected,
  get,
  i32,
  lift,
  liftWithCallback,
  locals,
  log,
  pair,
  start,
  traps,
  withMemory,
} from "./guest.ts";

const handles: Expected = ["host", "cannot allocate another handle: store handle limit exceeded"];
const lends: Expected = ["host", "cannot lend resource: store handle limit exceeded"];
const resources: Expected = ["host", "resource table has no free keys"];
const fuel: Expected = [
  "host",
  "too much data is being copied between the host and the guest: fuel allocated for hostcalls has been exhausted",
];

class Thing {}

/** Never ready. */
class Idle implements ByteProducer, ByteConsumer {
  readonly buffer = new Uint8Array(16);
  readonly readiness = Condition.timer(Number.POSITIVE_INFINITY);
  produce = () => "would-block" as const;
  consume = () => "would-block" as const;
  drop(): void {}
  end(): void {}
}

const imports: HostImports = {
  thing: Thing,
  open: () => new Thing(),
  *use(): Blocking<void> {
    yield Condition.timer(Number.POSITIVE_INFINITY);
  },
  stream: () => new Idle(),
  future: () => new HostFuture(),
  give: (bytes: ReadableBytes) => bytes.pipe(new Idle()),
  take: (text: ReadableFuture<string>) => text.read(() => {}),
  takeAll: (texts: ReadableValues<string>) =>
    texts.pipe({ readiness: Condition.ready(), room: () => 9, consume() {}, end() {} }),
  things: () => ({
    readiness: Condition.ready(),
    produce: (max: number) => Array.from({ length: Math.min(max, 4) }, () => new Thing()),
    drop: () => {},
  }),
  say() {},
} as HostImports;

const parts = {
  imports: `(import "thing" (type $thing (sub resource))) (import "open" (func $open (result (own $thing))))
    (import "use" (func $use-host async (param "things" (list (borrow $thing)))))
    (import "stream" (func $stream-host (result $bytes))) (import "future" (func $future-host (result $number)))
    (import "give" (func $give (param "bytes" $bytes))) (import "take-all" (func $take-all (param "texts" $strings)))
    (import "take" (func $take (param "text" $text)))
    (import "say" (func $say-host async (param "text" string)))
    (type $things (stream (own $thing))) (import "things" (func $things-host (result $things)))`,
  funcs: {
    open: ["(result i32)", "lower (func $open)"],
    use: ["(param i32 i32) (result i32)", `lower (func $use-host) async ${withMemory}`],
    "use-sync": ["(param i32 i32)", `lower (func $use-host) ${withMemory}`],
    stream: ["(result i32)", "lower (func $stream-host)"],
    future: ["(result i32)", "lower (func $future-host)"],
    give: ["(param i32)", "lower (func $give)"],
    "take-all": ["(param i32)", "lower (func $take-all)"],
    take: ["(param i32)", "lower (func $take)"],
    things: ["(result i32)", "lower (func $things-host)"],
    "things.read": ["(param i32 i32 i32) (result i32)", `stream.read $things async ${withMemory}`],
    say: ["(param i32 i32) (result i32)", `lower (func $say-host) async ${withMemory}`],
    "drop-thing": ["(param i32)", "resource.drop $thing"],
    "return-text": ["(param i32 i32)", `task.return (result string) (memory (core memory $l "memory"))`],
  } as CoreFuncs,
};

/** Does it again and again, and counts. */
const again = (code: string) => `(loop $more ${code} ${log(i32(1))} (br $more))`;
const opened = `(i32.store ${i32(32)} ${call("open")})`;

/** With room for ten, of which the task itself is one: how often it could be done, and what ended it. */
const exhausting: readonly [name: string, code: string, times: number, expected: Expected][] = [
  ["sets", again(drop(call("set.new"))), 9, handles],
  ["streams", again(drop(call("bytes.new"))), 4, handles],
  ["futures", again(drop(call("number.new"))), 4, handles],
  ["streams of the host's", again(drop(call("stream"))), 9, handles],
  ["futures of the host's", again(drop(call("future"))), 9, handles],
  ["resources", again(drop(call("open"))), 9, handles],
  ["calls that wait", again(drop(call("use", 32, 0))), 9, handles],
  ["calls that wait, with a borrow each", `${opened} ${again(drop(call("use", 32, 1)))}`, 4, lends],
  [
    "calls that wait, with two borrows each",
    `${opened} (i32.store ${i32(36)} ${i32(1)}) ${again(drop(call("use", 32, 2)))}`,
    2,
    handles,
  ],
  [
    "borrows of one call",
    `${opened} (local.set $n ${i32(32)}) (loop $more (i32.store ${get("n")} ${i32(1)})
      (br_if $more (i32.le_u (local.tee $n (i32.add ${get("n")} ${i32(4)})) ${i32(96)}))) ${drop(call("use", 32, 10))}`,
    0,
    lends,
  ],
  ["streams that go from host to host", again(`${call("give", call("stream"))}`), 9, handles],
  [
    "handles out of a stream",
    `(local.set $r ${call("things")}) ${again(drop(call("things.read", "r", 64, 4)))}`,
    2,
    handles,
  ],
];

describe("at most as many handles as there may be", () => {
  for (const [name, code, times, expected] of exhausting) {
    it(`of ${name}`, async () => {
      const text = component({
        ...parts,
        code: `(func (export "run") ${locals} ${code})`,
        exports: lift("run", "async"),
      });
      const { exports, logged } = await start("blocking", text, imports, { maxComponentHandles: 10 });
      await traps(() => exports["run"]!(), expected);
      assert.equal(logged.length, times);
    });
  }

  it("those that are gone count no more", async () => {
    const round = `${pair("bytes")} ${call("bytes.drop-readable", "r")} ${call("bytes.drop-writable", "w")}
      (local.set $s ${call("set.new")}) ${call("set.drop", "s")}
      ${pair("bytes")} ${call("give", "r")} ${call("bytes.drop-writable", "w")}
      ${call("bytes.drop-readable", call("stream"))}
      ${opened} (local.set $t (i32.shr_u ${call("use", 32, 1)} ${i32(4)})) ${drop(call("subtask.cancel", "t"))} ${call("subtask.drop", "t")}
      ${call("drop-thing", "(i32.load (i32.const 32))")}`;
    const code = `(local.set $n ${i32(100)}) (loop $more ${round} (br_if $more (local.tee $n (i32.sub ${get("n")} ${i32(1)}))))`;
    const text = component({
      ...parts,
      code: `(func (export "run") ${locals} ${code})`,
      exports: lift("run", "async"),
    });
    const { exports } = await start("blocking", text, imports, { maxComponentHandles: 5, maxResources: 6 });
    for (let runs = 0; runs < 3; runs++) exports["run"]!();
  });

  it("resources are counted by themselves", async () => {
    const code = `${drop(call("bytes.new"))} ${again(drop(call("open")))}`;
    const text = component({
      ...parts,
      code: `(func (export "run") ${locals} ${code})`,
      exports: lift("run", "async"),
    });
    const { exports, logged } = await start("blocking", text, imports, { maxResources: 6 });
    await traps(() => exports["run"]!(), resources);
    assert.equal(logged.length, 6);
  });
});

/** With room for eleven, of which the task itself takes three: as on wasmtime 48.0.8, bisected. */
const concurrent: readonly [name: string, code: string, times: number][] = [
  ["sets", again(drop(call("set.new"))), 8],
  ["calls that wait", again(drop(call("use", 32, 0))), 8],
  ["streams", again(drop(call("bytes.new"))), 2],
  ["futures", again(drop(call("number.new"))), 2],
  ["streams of the host's", again(drop(call("stream"))), 2],
  ["streams that go from host to host", again(call("give", call("stream"))), 2],
  ["streams and sets", again(`${drop(call("bytes.new"))} ${drop(call("set.new"))}`), 2],
];

describe("tasks, calls, sets, streams and futures are at most as many as resources may be", () => {
  for (const [name, code, times] of concurrent) {
    it(name, async () => {
      const text = component({
        ...parts,
        code: `(func (export "run") ${locals} ${code})`,
        exports: lift("run", "async"),
      });
      const { exports, logged } = await start("blocking", text, imports, { maxResources: 11 });
      await traps(() => exports["run"]!(), resources);
      assert.equal(logged.length, times);
    });
  }

  it("a task alone", async () => {
    const text = component({ ...parts, code: '(func (export "run"))', exports: lift("run", "async") });
    const few = await start("blocking", text, imports, { maxResources: 2 });
    await traps(() => few.exports["run"]!(), resources);
    const enough = await start("blocking", text, imports, { maxResources: 3 });
    for (let runs = 0; runs < 3; runs++) enough.exports["run"]!();
  });
});

describe("at most as many bytes as a call may copy", () => {
  const expensive: readonly [name: string, code: string][] = [
    ["to an async function", drop(call("say", 0, 101))],
    [
      "as a future's value",
      `${pair("text")} (i32.store ${i32(68)} ${i32(101)}) ${call("take", "r")} ${drop(call("text.write", "w", 64))}`,
    ],
    [
      "as values of one write",
      `${pair("strings")} ${call("take-all", "r")} (i32.store ${i32(68)} ${i32(60)}) (i32.store ${i32(76)} ${i32(60)})
       ${drop(call("strings.write", "w", 64, 1))} ${drop(call("strings.write", "w", 64, 2))}`,
    ],
  ];
  for (const [name, code] of expensive) {
    it(name, async () => {
      const text = component({
        ...parts,
        code: `(func (export "run") ${locals} ${code})`,
        exports: lift("run", "async"),
      });
      const { exports } = await start("blocking", text, imports, { hostcallFuel: 100 });
      await traps(() => exports["run"]!(), fuel);
    });
  }

  it("as a result", async () => {
    const text = component({
      ...parts,
      code: `(func (export "run") (param $n i32) (result i32) ${call("return-text", 0, "n")} ${i32(0)})
        (func (export "run-back") (param i32 i32 i32) (result i32) unreachable)`,
      exports: liftWithCallback("run", '(param "n" u32) (result string)'),
    });
    const { exports } = await start("blocking", text, imports, { hostcallFuel: 100 });
    assert.equal((exports["run"]!(100) as string).length, 100);
    await traps(() => exports["run"]!(101), fuel);
  });
});

describe("no length of a guest's is a host's buffer", () => {
  it("what is asked of a producer has room in its own", async () => {
    const asked: number[] = [];
    const producer: ByteProducer = {
      buffer: new Uint8Array(16),
      readiness: Condition.ready(),
      produce(max) {
        asked.push(max);
        return max;
      },
      drop() {},
    };
    const code = `(drop (memory.grow ${i32(4094)})) (local.set $r ${call("stream")}) ${log(call("bytes.read", "r", 0, 0xfffffff))} ${log(call("bytes.read", "r", 1, 5))}`;
    const text = component({
      ...parts,
      code: `(func (export "run") ${locals} ${code})`,
      exports: lift("run", "async"),
    });
    const { exports, logged } = await start("blocking", text, { ...imports, stream: () => producer } as HostImports);
    exports["run"]!();
    assert.deepEqual(asked, [16, 5]);
    assert.deepEqual(logged, [16 << 4, 5 << 4]);
  });

  it("what is put straight into the guest's memory has that of the read, and no other", async () => {
    const asked: [number, number, number][] = [];
    const producer: ByteProducer = {
      buffer: new Uint8Array(16),
      readiness: Condition.ready(),
      produce: () => assert.fail("the buffer is not needed"),
      produceInto(bytes, start, end) {
        asked.push([bytes.length, start, end]);
        return end - start;
      },
      drop() {},
    };
    const read = (at: number, length: number) => log(call("bytes.read", "r", at, length));
    const code = `(local.set $r ${call("stream")}) ${read(10, 20)} (drop (memory.grow ${i32(1)})) ${read(65535, 65537)}`;
    const text = component({
      ...parts,
      code: `(func (export "run") ${locals} ${code})`,
      exports: lift("run", "async"),
    });
    const { exports, logged } = await start("blocking", text, { ...imports, stream: () => producer } as HostImports);
    exports["run"]!();
    const [[before, ...first] = [], [after, ...second] = []] = asked;
    assert.deepEqual(
      [first, second],
      [
        [10, 30],
        [65535, 131_072],
      ],
    );
    assert.equal(after! - before!, 65_536);
    assert.deepEqual(logged, [20 << 4, 65_537 << 4]);
  });

  it("what is given to a consumer is the guest's memory", async () => {
    const taken: [number, number, number][] = [];
    const consumer: ByteConsumer = {
      readiness: Condition.ready(),
      consume(bytes, start, end) {
        taken.push([bytes.length, start, end]);
        return end - start;
      },
      end() {},
    };
    const code = `${pair("bytes")} ${call("give", "r")} ${log(call("bytes.write", "w", 7, 131065))}`;
    const text = component({
      ...parts,
      code: `(func (export "run") ${locals} ${code})`,
      exports: lift("run", "async"),
    });
    const { exports } = await start("blocking", text, {
      ...imports,
      give: (bytes: ReadableBytes) => bytes.pipe(consumer),
    } as HostImports);
    exports["run"]!();
    assert.deepEqual(taken, [[131072, 7, 131072]]);
  });

  it("a parameter list or result that lies beyond the memory is refused before the host is called", async () => {
    const code = drop(call("use", -4, 0xfffffff));
    const text = component({
      ...parts,
      code: `(func (export "run") ${locals} ${code})`,
      exports: lift("run", "async"),
    });
    const { exports } = await start("blocking", text, { ...imports, use: () => assert.fail("called") });
    await assert.rejects(
      async () => exports["run"]!(),
      (error) => error instanceof Trap && /out of bounds/.test(error.message),
    );
  });
});
