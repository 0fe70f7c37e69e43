/** Which calls are fused. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FusedCalls, FusedLowers, FusedModules } from "../../../src/component/fused/calls.ts";
import { HandleBudget } from "../../../src/component/instance/handles.ts";
import { InstanceState } from "../../../src/component/instance/state.ts";
import {
  enumeration,
  flags,
  list,
  option,
  prims,
  record,
  result,
  tuple,
  variant,
} from "../../../src/component/types/layout.ts";
import type { FuncType, ValType } from "../../../src/component/types/types.ts";
import { EngineTrap } from "../../../src/wasm/engine-trap.ts";
import type { CoreFunction } from "../../../src/wasm/types.ts";

const budget = new HandleBudget(Infinity, Infinity);
const stateOf = (parent?: InstanceState) => new InstanceState(parent, budget, false);

const taking = (...types: readonly ValType[]): FuncType => ({
  async: false,
  params: types.map((type, i) => ({ name: `p${i}`, type })),
  result: undefined,
});
const returning = (type: ValType): FuncType => ({ ...taking(), result: type });

const { u8, u32, s64, f64, char, string } = prims;
const many = (count: number): ValType[] => Array.from({ length: count }, () => u32);

const cases: readonly (readonly [what: string, type: FuncType, fused: boolean])[] = [
  ["nothing", taking(), true],
  ["numbers", taking(u8, s64, f64, char), true],
  ["16 numbers", taking(...many(16)), true],
  ["17 numbers", taking(...many(17)), false],
  ["a record of numbers", taking(record([{ name: "a", type: tuple([u8, flags(["b"])]) }])), true],
  ["a list of fixed length", taking(list(u8, 4)), true],
  ["a list of fixed length of records", taking(list(tuple([u8, list(u8, 2)]), 5)), true],
  ["a list of fixed length that is too long", taking(list(u8, 17)), false],
  ["cases without payloads", taking(enumeration(["a", "b"]), result(undefined, undefined)), true],
  ["an option", taking(option(u32)), false],
  ["a variant with a payload", taking(variant([{ name: "a", type: u32 }])), false],
  ["a string", taking(string), false],
  ["a list", taking(list(u8)), false],
  ["a number as its result", returning(u32), true],
  ["a record of one number as its result", returning(record([{ name: "a", type: u32 }])), true],
  ["two numbers as its result", returning(tuple([u32, u32])), false],
  ["an error context", taking(prims["error-context"]), false],
  ["an async function", { ...taking(u32), async: true }, false],
];

/** Returns what it is called with, and how often it was. */
function core(): { readonly core: (n?: number) => number; readonly calls: () => number } {
  let calls = 0;
  return {
    core: (n = 0) => {
      calls++;
      return n;
    },
    calls: () => calls,
  };
}

interface Called {
  readonly core: CoreFunction;
  readonly callee: InstanceState;
  readonly waits?: boolean;
}

/** The core function that is lowered, in a batch of its own; undefined: its calls are not fused. */
function lower(calls: FusedCalls, type: FuncType, caller: InstanceState, { core, callee, waits = false }: Called) {
  const lowers = new FusedLowers(calls, caller, undefined);
  if (!lowers.add(5, type, { core, calleeInstance: callee, mayWait: () => waits })) return undefined;
  const [[funcIndex, func], ...others] = lowers.finish() as [readonly [number, CoreFunction]];
  assert.deepEqual([funcIndex, others, lowers.finish()], [5, [], []]);
  return func as (n?: number) => number | undefined;
}

describe("calls that are fused", () => {
  for (const [what, type, fused] of cases) {
    it(`${what}: ${fused}`, () => {
      const calls = new FusedCalls(new FusedModules(), false);
      const lowered = lower(calls, type, stateOf(), { core: core().core, callee: stateOf() });
      assert.equal(lowered !== undefined, fused);
    });
  }

  it("are none of those that enter nothing: of an instance that is around the caller", () => {
    const parent = stateOf();
    const calls = new FusedCalls(new FusedModules(), false);
    const child = stateOf(parent);
    assert.equal(lower(calls, taking(u32), child, { core: core().core, callee: parent }), undefined);
    assert.notEqual(lower(calls, taking(u32), parent, { core: core().core, callee: child }), undefined);
  });

  it("are none of those that enter more than 16 instances", () => {
    const calls = new FusedCalls(new FusedModules(), false);
    let callee = stateOf();
    for (let depth = 1; depth <= 17; depth++) {
      const lowered = lower(calls, taking(u32), stateOf(), { core: core().core, callee });
      assert.equal(lowered !== undefined, depth <= 16, String(depth));
      callee = stateOf(callee);
    }
  });

  it("are none of those that may be suspended", () => {
    const calls = new FusedCalls(new FusedModules(), false);
    const called = { core: core().core, callee: stateOf() };
    assert.equal(lower(calls, taking(u32), stateOf(), { ...called, waits: true }), undefined);
    assert.notEqual(lower(calls, taking(u32), stateOf(), called), undefined);
  });

  it("are under way while they are, and refused from when their store has ended", () => {
    const calls = new FusedCalls(new FusedModules(), false);
    const [state, callee] = [stateOf(), stateOf()];
    const type: FuncType = { ...taking(u32), result: u32 };
    const seen: unknown[] = [];
    const called = (n: number) => {
      seen.push([n, calls.underWay, callee.mayEnter, callee.inFusedCall, state.mayEnter]);
      return n + 1;
    };
    const lowered = lower(calls, type, state, { core: called, callee })!;
    assert.equal(calls.underWay, false);
    assert.equal(lowered(5), 6);
    assert.deepEqual(seen, [[5, true, false, true, true]]);
    assert.equal(calls.underWay, false);
    assert.equal(callee.mayEnter, true);
    calls.stop();
    assert.throws(() => lowered(5), EngineTrap);
    assert.equal(seen.length, 1);
  });

  it("are refused where the caller had ended before", () => {
    const calls = new FusedCalls(new FusedModules(), false);
    const state = stateOf();
    state.end(undefined);
    const counted = core();
    const lowered = lower(calls, taking(), state, { core: counted.core, callee: stateOf() })!;
    assert.throws(() => lowered(), /cannot leave component instance/);
    assert.equal(counted.calls(), 0);
  });

  it("are refused while the callee is entered in another way, and the caller may not leave", () => {
    const calls = new FusedCalls(new FusedModules(), false);
    const [state, callee] = [stateOf(), stateOf()];
    // what they are when they are linked is kept
    callee.mayEnter = false;
    const counted = core();
    const lowered = lower(calls, taking(u32), state, { core: counted.core, callee })!;
    assert.throws(() => lowered(1), /cannot enter component instance/);
    callee.mayEnter = true;
    lowered(1);
    state.mayLeave = false;
    assert.throws(() => lowered(1), /cannot leave component instance/);
    state.mayLeave = true;
    lowered(1);
    assert.equal(counted.calls(), 2);
  });

  it("that are made together go each to its own callee", () => {
    const around = stateOf();
    const callees = [stateOf(), stateOf(around), stateOf(around), stateOf()];
    const all = [around, ...callees];
    const calls = new FusedCalls(new FusedModules(), false);
    const lowers = new FusedLowers(calls, stateOf(), undefined);
    const types = [taking(), { ...taking(u32), result: u32 }, returning(s64), { ...taking(u8, f64), result: f64 }];
    const seen: unknown[] = [];
    // each callee has two functions
    for (let i = 0; i < 8; i++) {
      const core = (...args: unknown[]) => {
        seen.push([i, args, all.flatMap((state, k) => (state.inFusedCall ? k : []))]);
        return i === 2 || i === 6 ? 40n : 41;
      };
      assert.ok(lowers.add(i, types[i % 4]!, { core, calleeInstance: callees[i % 4]!, mayWait: () => false }));
    }
    const results = lowers.finish().map(([at, func]) => [at, (func as (...args: number[]) => unknown)(0x101, 2.5)]);
    const expected = [
      [[], [1]],
      [[0x101], [0, 2]],
      [[], [0, 3]],
      [[1, 2.5], [4]],
    ];
    assert.deepEqual(
      seen,
      [...expected, ...expected].map((each, i) => [i, ...each]),
    );
    const returned = [undefined, 41, 40n, 41];
    assert.deepEqual(
      results,
      [...returned, ...returned].map((each, i) => [i, each]),
    );
    assert.ok(all.every((state) => state.mayEnter));
  });

  it("are a thousand at the most", () => {
    const calls = new FusedCalls(new FusedModules(), false);
    const [caller, callee] = [stateOf(), stateOf()];
    const more = () => lower(calls, taking(), caller, { core: core().core, callee });
    for (let i = 0; i < 1000; i++) assert.notEqual(more(), undefined);
    assert.equal(more(), undefined);
  });

  it("keep the flags of each instance apart, where there is room for them", () => {
    const modules = new FusedModules();
    const states: InstanceState[] = [];
    let refused = 0;
    // 2,000 instances a link, of which a memory has room for 8,192
    for (let link = 0; link < 5; link++) {
      const calls = new FusedCalls(modules, false);
      for (let i = 0; i < 1000; i++) {
        const [state, callee] = [stateOf(), stateOf()];
        const lowered = lower(calls, taking(), state, { core: core().core, callee });
        if (lowered === undefined) refused++;
        states.push(state, callee);
      }
    }
    // the fifth begins a memory of its own: 192 instances are fewer than some components have
    assert.equal(refused, 0);
    for (const state of states) {
      assert.ok(state.mayEnter && state.mayLeave);
      state.mayEnter = false;
      state.mayLeave = false;
    }
    for (const state of states) {
      assert.ok(!state.mayEnter && !state.mayLeave);
      state.mayEnter = true;
    }
  });

  it("are not fused where there is no room for their instances' flags", () => {
    const modules = new FusedModules();
    const link = (most: number) => {
      const calls = new FusedCalls(modules, false);
      const more = () => lower(calls, taking(), stateOf(), { core: core().core, callee: stateOf() });
      let count = 0;
      while (count < most && more() !== undefined) count++;
      return count;
    };
    assert.deepEqual([1000, 1000, 1000, 900, 1000, 1000].map(link), [1000, 1000, 1000, 900, 196, 1000]);
  });
});
