/**
 * Built-ins called at random, with indices that are right, stale or forged: each answers what the model (model.ts) says, or ends the
 * guest in the words of the model, and what the host hears and the guest's memory are the model's too.
 *
 *     node tests/component/async/script.test.ts --scripts=100000 [--seed=N]
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import type { HostImports } from "../../../src/component/host.ts";
import { asyncSupport } from "../../../src/component/link/async-support.ts";
import { CompiledComponent } from "../../../src/component/link/compiled.ts";
import { instantiateComponent } from "../../../src/component/link/instantiate.ts";
import type { ByteConsumer, ByteProducer, ReadableBytes } from "../../../src/component/streams.ts";
import { Condition } from "../../../src/core/wait/condition.ts";
import { Trap } from "../../../src/core/wait/errors.ts";
import type { Blocking } from "../../../src/core/wait/poll.ts";
import { EngineTrap } from "../../../src/wasm/engine-trap.ts";
import { binary } from "../text.ts";
import { builtins, component, hostFor, lift } from "./guest.ts";
import { Model } from "./model.ts";
import { type Answer, ModelTrap, payloads } from "./model-entries.ts";

const option = (name: string, otherwise: number): number => {
  const given = process.argv.find((arg) => arg.startsWith(`--${name}=`));
  return given === undefined ? otherwise : Number(given.slice(name.length + 3));
};
const SCRIPTS = option("scripts", 500);
const SEED = option("seed", 20261130);
/** Calls of one script, at most. */
const LENGTH = 150;

/** mulberry32 */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** What is called, with how many arguments, and what it returns. */
interface Operation {
  readonly name: string;
  readonly params: number;
  readonly result: "" | "i32" | "i64";
}

const left = /strings|text|set\.wait|-sync/;
const operations: readonly Operation[] = [
  ...Object.entries(builtins)
    .filter(([name]) => !left.test(name) || /(bytes|number)\.(read|write)-sync/.test(name))
    .map(([name, [type]]): Operation => {
      const params = /\(param([^)]*)\)/.exec(type)?.[1]?.trim().split(" ").length ?? 0;
      return { name, params, result: /result i64/.test(type) ? "i64" : /result i32/.test(type) ? "i32" : "" };
    }),
  { name: "later", params: 2, result: "i32" },
  { name: "open", params: 0, result: "i32" },
  { name: "give", params: 1, result: "" },
  { name: "store", params: 2, result: "" },
  { name: "load", params: 1, result: "i32" },
];

function interpreter(): string {
  const cases = operations.map(({ name, params, result }, i) => {
    const args = Array.from({ length: params }, (_, at) => `(call $arg (i32.const ${at}))`).join(" ");
    const called = `(call $${name} ${args})`;
    const done =
      result === ""
        ? `${called} (call $done (i32.const 0))`
        : result === "i32"
          ? `(call $done ${called})`
          : `(local.set $pair ${called}) (call $done (i32.wrap_i64 (local.get $pair))) (call $done (i32.wrap_i64 (i64.shr_u (local.get $pair) (i64.const 32))))`;
    return `(if (i32.eq (local.get $op) (i32.const ${i + 1})) (then ${done} (br $more)))`;
  });
  return component({
    imports: `(import "next" (func $next-host (result u32))) (import "arg" (func $arg-host (param "i" u32) (result u32)))
      (import "done" (func $done-host (param "n" u32)))
      (import "later" (func $later-host async (param "n" u32) (result u32)))
      (import "open" (func $open-host (result $bytes))) (import "give" (func $give-host (param "bytes" $bytes)))`,
    funcs: {
      next: ["(result i32)", "lower (func $next-host)"],
      arg: ["(param i32) (result i32)", "lower (func $arg-host)"],
      done: ["(param i32)", "lower (func $done-host)"],
      later: ["(param i32 i32) (result i32)", 'lower (func $later-host) async (memory (core memory $l "memory"))'],
      open: ["(result i32)", "lower (func $open-host)"],
      give: ["(param i32)", "lower (func $give-host)"],
    },
    code: `(func $store (param i32 i32) (i32.store (local.get 0) (local.get 1)))
      (func $load (param i32) (result i32) (i32.load (local.get 0)))
      (func (export "run") (local $op i32) (local $pair i64)
        (loop $more
          (local.set $op (call $next))
          ${cases.join("\n")}))`,
    exports: lift("run", "async"),
  });
}

/** The host's side: what it hears, and what is to go on. */
class Things {
  readonly heard: string[] = [];
  readonly #conditions: Condition[] = [];
  /** What the next end of a stream is to answer. */
  answers: Answer[] = [];

  #job(): { readonly job: number; readonly condition: Condition } {
    const condition = Condition.ready();
    condition.markPending();
    return { job: this.#conditions.push(condition) - 1, condition };
  }

  finish(job: number): void {
    this.#conditions[job]?.markReady();
  }

  /** Odd numbers are answered later, by the number of the call. */
  later(n: number): number | Blocking<number> {
    return n % 2 === 0 ? n : this.#wait();
  }

  #wait(): Blocking<number> {
    const { job, condition } = this.#job();
    const { heard } = this;
    return (function* () {
      let over = false;
      try {
        yield condition;
        over = true;
        return job;
      } finally {
        if (!over) heard.push(`cancelled ${job}`);
      }
    })();
  }

  open(): ByteProducer {
    const { job, condition } = this.#job();
    const answers = [...this.answers];
    const buffer = new Uint8Array(16);
    let next = 1;
    return {
      buffer,
      readiness: condition,
      produce: (max) => {
        condition.markPending();
        const answer = answers.shift() ?? "closed";
        if (typeof answer !== "number") return answer;
        const count = Math.min(answer, max);
        for (let i = 0; i < count; i++) buffer[i] = next++;
        return count;
      },
      drop: () => void this.heard.push(`drop ${job}`),
    };
  }

  give(bytes: ReadableBytes & { readonly spliced?: boolean }): void {
    const { job, condition } = this.#job();
    const answers = [...this.answers];
    const consumer: ByteConsumer = {
      readiness: condition,
      consume: (given, start, end) => {
        condition.markPending();
        const answer = answers.shift() ?? "closed";
        if (typeof answer !== "number") return answer;
        const count = Math.min(answer, end - start);
        this.heard.push(`${job}: ${[...given.subarray(start, start + count)]}`);
        return count;
      },
      end: () => void this.heard.push(`end ${job}`),
    };
    if (this.own) bytes.drop();
    else bytes.pipe(consumer);
  }

  /** Whether the stream that is given next is the host's own. */
  own = false;
}

const forged = [0, 0xffff_ffff, 0x8000_0000, 0x1000_0000, 77, 1000];

class Script {
  readonly model = new Model();
  readonly things = new Things();
  readonly #random: (below: number) => number;
  readonly #done: number[] = [];
  #calls = 0;
  #args: readonly number[] = [];
  #expected: readonly number[] = [];
  #doing = "nothing";
  trap: ModelTrap | undefined;
  /** Those after which the guest went on. */
  survived = 0;

  constructor(seed: number) {
    this.#random = random(seed);
  }

  get imports(): HostImports {
    return {
      log() {},
      next: () => this.#next(),
      arg: (i: number) => this.#args[i]!,
      done: (n: number) => void this.#done.push(n),
      later: (n: number) => this.things.later(n),
      open: () => this.things.open(),
      give: (bytes: ReadableBytes) => this.things.give(bytes),
    } as HostImports;
  }

  check(): void {
    assert.deepEqual(this.#done, this.#expected, this.#doing);
    assert.deepEqual(this.things.heard, this.model.heard, this.#doing);
  }

  get doing(): string {
    return this.#doing;
  }

  #next(): number {
    this.check();
    this.#done.length = 0;
    this.#expected = [];
    this.survived++;
    if (this.#calls++ === LENGTH) return 0;
    const waiting = this.model.waiting();
    if (waiting.length > 0 && this.#random(3) === 0) {
      const job = this.#pick(waiting);
      this.model.finish(job);
      this.things.finish(job);
    }
    for (;;) {
      const at = this.#random(operations.length);
      const { name, params } = operations[at]!;
      if ((name === "yield" && this.model.unseen) || (this.model.live > 120 && /new|open|later/.test(name))) continue;
      const args = this.#choose(name, params);
      this.things.answers = Array.from({ length: this.#random(5) }, () => this.#answer());
      this.model.nextAnswers = this.things.answers;
      this.things.own = name === "give" && this.model.isHosts(args[0]!);
      try {
        this.#expected = this.model.call(name, args).map((n) => n >>> 0);
      } catch (error) {
        if (!(error instanceof ModelTrap)) throw error;
        // an end is seldom wanted
        if (error.message === "skipped" || this.#random(60) > 0) continue;
        this.trap = error;
        this.#expected = [];
      }
      this.#args = args;
      this.#doing = `${name}(${args.join(", ")}), call ${this.#calls}`;
      return at + 1;
    }
  }

  #answer(): Answer {
    return this.#random(3) === 0 ? "would-block" : this.#random(20) === 0 ? "closed" : 1 + this.#random(20);
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#random(list.length)]!;
  }

  #index(right: readonly number[]): number {
    const dice = this.#random(20);
    if (dice === 0) return this.#pick(forged);
    if (dice === 1) return 1 + this.#random(40);
    const list = dice === 2 ? this.model.indices("any") : right;
    return list.length === 0 ? this.#pick(forged) : this.#pick(list);
  }

  #choose(name: string, params: number): number[] {
    const [of = ""] = name.split(".");
    const address = (size: number) =>
      this.#random(30) === 0 ? this.#pick([131070, 0xffff_fff8, 1027]) : 1024 + size * this.#random(64);
    if (name === "store") return [1024 + 4 * this.#random(80), this.#random(2 ** 31)];
    if (name === "load") return [1024 + 4 * this.#random(80)];
    if (name === "later") return [this.#random(100), 1024 + 4 * this.#random(80)];
    if (name === "join") {
      const sets = this.model.indices("set");
      return [
        this.#index(this.model.indices("any").filter((index) => !sets.includes(index))),
        this.#random(4) === 0 ? 0 : this.#index(sets),
      ];
    }
    if (name === "set.poll") return [this.#index(this.model.indices("set")), this.#random(40) === 0 ? 10 : 8];
    if (name === "set.drop") return [this.#index(this.model.indices("set"))];
    if (name.startsWith("subtask")) return [this.#index(this.model.indices("call"))];
    if (name === "give") return [this.#index(this.model.indices("end", "bytes", "read"))];
    if (!(of in payloads)) return Array.from({ length: params }, () => this.#random(2 ** 31));
    if (params === 0) return [];
    const index = this.#index(this.model.indices("end", of, name.includes("read") ? "read" : "write"));
    const count = this.#random(8) === 0 ? this.#pick([0, 0xffff_ffff, 0x0fff_ffff]) : this.#random(12);
    return [index, address(payloads[of]!.size || 1), count].slice(0, params);
  }
}

describe("built-ins called at random", () => {
  it(`do what they should, ${SCRIPTS} times up to ${LENGTH} (seed ${SEED})`, { timeout: 3_600_000 }, async () => {
    const compiled = new CompiledComponent(parseComponent(await binary(interpreter())), { asyncSupport });
    const { poll } = await hostFor("blocking");
    let calls = 0;
    let ended = 0;
    for (let n = 0; n < SCRIPTS; n++) {
      const script = new Script(SEED + n);
      const { exports } = instantiateComponent(compiled, script.imports, { poll });
      const run = exports["run"] as () => void;
      try {
        run();
        assert.equal(script.trap, undefined, `no end at ${script.doing}, script ${n}`);
      } catch (error) {
        if (!(error instanceof Trap) || script.trap === undefined) {
          throw new Error(`script ${n} (seed ${SEED + n}), ${script.doing}`, { cause: error });
        }
        const { kind, message } = script.trap;
        assert.equal(
          error.message,
          kind === "engine" ? `wasm trap: ${message}` : message,
          `script ${n}, ${script.doing}`,
        );
        assert.equal(error instanceof EngineTrap, kind === "engine", script.doing);
        assert.throws(run, /cannot enter component instance/);
        ended++;
      }
      script.check();
      calls += script.survived;
    }
    assert.ok(calls > SCRIPTS * 20 && ended > SCRIPTS / 10, `${calls} calls, ${ended} ended`);
  });
});
