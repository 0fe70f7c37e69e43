/**
 * Components that call one another and their host, throw, trap and catch, at random: each ends as a model of it does. No exception
 * leaves a component, nobody catches what ends a guest, and nothing goes on after that.
 *
 *     EXCEPTION_GRAPHS=100000 EXCEPTION_SEED=1 node tests/run.ts --on=node hostile/exceptions     makes as many others
 */
import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ComponentError } from "../../src/component/errors.ts";
import { exported, instantiateText } from "../component/text.ts";

type Step =
  /** The host is told a number: what runs is seen. */
  | { readonly kind: "log"; readonly value: number }
  /** Throws an exception of the component's own. */
  | { readonly kind: "throw" }
  | { readonly kind: "unreachable" }
  /** A function of the host's throws: an error that is none of the guest's, or a trap. */
  | { readonly kind: "host" }
  /** A function of a component that was made before. */
  | { readonly kind: "call"; readonly callee: number }
  /** The steps in a function of their own. */
  | { readonly kind: "inner"; readonly steps: readonly Step[] };

/** Steps, each within `catch_all` or not. */
interface Caught {
  readonly step: Step;
  readonly caught: boolean;
}

interface Graph {
  /** The components in the order in which they are made: each may call those before it. */
  readonly components: readonly (readonly Caught[])[];
}

class Uncaught {}

class Ended {
  readonly words: RegExp;

  constructor(words: RegExp) {
    this.words = words;
  }
}

class HostFailure extends Error {}

/** What a run of the last component does: the numbers that it logs, and how it ends. */
function model({ components }: Graph): { readonly log: readonly number[]; readonly end: Ended | undefined } {
  const log: number[] = [];
  const steps = (all: readonly Caught[]): void => {
    for (const { step, caught } of all) {
      try {
        one(step);
      } catch (error) {
        if (!caught || !(error instanceof Uncaught)) throw error;
      }
    }
  };
  const one = (step: Step): void => {
    switch (step.kind) {
      case "log":
        log.push(step.value);
        return;
      case "throw":
        throw new Uncaught();
      case "unreachable":
        throw new Ended(/unreachable/i);
      case "host":
        throw new Ended(/the host fails/);
      case "call":
        call(step.callee);
        return;
      case "inner":
        steps(step.steps.map((inner) => ({ step: inner, caught: false })));
    }
  };
  const call = (index: number): void => {
    try {
      steps(components[index]!);
    } catch (error) {
      throw error instanceof Uncaught ? new Ended(/uncaught exception propagated out of component/) : error;
    }
  };
  try {
    call(components.length - 1);
    return { log, end: undefined };
  } catch (error) {
    return { log, end: error as Ended };
  }
}

function text({ components }: Graph): string {
  const written = components.map((steps, index) => {
    const functions: string[] = [];
    const body = (all: readonly Caught[]): string => {
      let labels = 0;
      return all
        .map(({ step, caught }) => {
          const code = codeOf(step);
          const label = `$h${labels++}`;
          return caught ? `(block ${label} (try_table (catch_all ${label}) ${code}))` : code;
        })
        .join(" ");
    };
    const codeOf = (step: Step): string => {
      switch (step.kind) {
        case "log":
          return `(call $log (i32.const ${step.value}))`;
        case "throw":
          return "(throw $e)";
        case "unreachable":
          return "(unreachable)";
        case "host":
          return "(call $fail)";
        case "call":
          return `(call $f${step.callee})`;
        case "inner": {
          const name = `$inner${functions.length}`;
          functions.push("");
          const inner = body(step.steps.map((each) => ({ step: each, caught: false })));
          functions[Number(name.slice(6))] = `(func ${name} ${inner})`;
          return `(call ${name})`;
        }
      }
    };
    const run = `(func (export "run") ${body(steps)})`;
    const callees = Array.from({ length: index }, (_, i) => i);
    const names = ["log", "fail", ...callees.map((i) => `f${i}`)];
    return `
      (component $C${index}
        (import "log" (func $log (param "value" u32)))
        ${names
          .slice(1)
          .map((name) => `(import "${name}" (func $${name}))`)
          .join(" ")}
        ${names.map((name) => `(core func $${name} (canon lower (func $${name})))`).join(" ")}
        (core module $m
          (import "" "log" (func $log (param i32)))
          ${names
            .slice(1)
            .map((name) => `(import "" "${name}" (func $${name}))`)
            .join(" ")}
          (tag $e)
          ${run} ${functions.join(" ")})
        (core instance $i (instantiate $m (with "" (instance
          ${names.map((name) => `(export "${name}" (func $${name}))`).join(" ")}))))
        (func (export "run") (canon lift (core func $i "run"))))
      (instance $i${index} (instantiate $C${index}
        (with "log" (func $log)) (with "fail" (func $fail))
        ${callees.map((i) => `(with "f${i}" (func $i${i} "run"))`).join(" ")}))`;
  });
  return `(component
    (import "log" (func $log (param "value" u32)))
    (import "fail" (func $fail))
    ${written.join("")}
    (export "run" (func $i${components.length - 1} "run")))`;
}

const leaf: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("log" as const), value: fc.nat(1000) }) },
  { weight: 3, arbitrary: fc.constant({ kind: "throw" } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "unreachable" } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "host" } as const) },
);

function componentOf(index: number): fc.Arbitrary<readonly Caught[]> {
  const calls: fc.Arbitrary<Step>[] =
    index === 0 ? [] : [fc.record({ kind: fc.constant("call" as const), callee: fc.nat(index - 1) })];
  const inner = fc.record({ kind: fc.constant("inner" as const), steps: fc.array(leaf, { maxLength: 3 }) });
  return fc.array(fc.record({ step: fc.oneof(leaf, inner, ...calls, ...calls), caught: fc.boolean() }), {
    maxLength: 5,
  });
}

const graph: fc.Arbitrary<Graph> = fc
  .integer({ min: 1, max: 4 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, i) => componentOf(i))))
  .map((components) => ({ components }));

const runs = Number(process.env["EXCEPTION_GRAPHS"] ?? 300);
const seed = Number(process.env["EXCEPTION_SEED"] ?? 20261130);

describe("components that throw, trap and catch", () => {
  it("end as a model of them does", async () => {
    await fc.assert(
      fc.asyncProperty(graph, async (each) => {
        const log: number[] = [];
        const failure = new HostFailure("the host fails");
        const instance = await instantiateText(text(each), {
          log: (value: number) => log.push(value),
          fail: () => {
            throw failure;
          },
        });
        const expected = model(each);
        const run = exported(instance, "run");
        let thrown: unknown;
        try {
          run();
        } catch (error) {
          thrown = error;
        }
        assert.deepEqual(log, expected.log);
        if (expected.end === undefined) {
          assert.equal(thrown, undefined);
          run();
        } else {
          assert.ok(thrown instanceof Error && !(thrown instanceof ComponentError), String(thrown));
          assert.match(thrown.message, expected.end.words);
          if (/the host fails/.test(thrown.message)) assert.equal(thrown, failure, "the host has its own error back");
          // it has ended for good
          const before = log.length;
          assert.throws(run, /cannot enter component instance/);
          assert.equal(log.length, before);
        }
      }),
      { seed, numRuns: runs },
    );
  });
});
