/** --invoke of a component's function: where it is found, what it is given, what is printed. As wasmtime 48.0.8 has it. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { canonOptions, libc } from "../../component/text.ts";
import { guestFile, run } from "../../e2e/host.ts";
import { chain, here, scratchDirectory, textGuest } from "../here.ts";

const scratch = scratchDirectory();
const SYNTAX = "See https://docs.wasmtime.dev/cli-options.html#run for syntax";

/** `same` is in both instances, `only` in one; `next` and `same-text` at the root. */
const TEXT = `(component
  ${libc}
  (core module $m
    (import "l" "memory" (memory 1))
    (func (export "next") (param i32) (result i32)
      (if (i32.eq (local.get 0) (i32.const 7)) (then unreachable))
      (i32.add (local.get 0) (i32.const 1)))
    (func (export "text") (param i32 i32) (result i32)
      (i32.store (i32.const 8) (local.get 0)) (i32.store (i32.const 12) (local.get 1)) (i32.const 8))
    (func (export "one") (result i32) (i32.const 1))
    (func (export "two") (result i32) (i32.const 2))
    (func (export "half") (param i32) (result i32)
      (i32.store8 (i32.const 16) (i32.and (local.get 0) (i32.const 1)))
      (i32.store8 (i32.const 17) (i32.shr_u (local.get 0) (i32.const 1))) (i32.const 16))
    (func (export "nothing")))
  (core instance $i (instantiate $m (with "l" (instance $l))))
  (func $next (param "x" u32) (result u32) (canon lift (core func $i "next")))
  (func $text (param "x" string) (result string) (canon lift (core func $i "text") ${canonOptions}))
  (func $one (result u8) (canon lift (core func $i "one")))
  (func $two (result u8) (canon lift (core func $i "two")))
  (func $half (param "x" u8) (param "why" (option u8)) (result (result u8 (error u8)))
    (canon lift (core func $h "half") ${canonOptions}))
  (func $nothing (canon lift (core func $i "nothing")))
  (export "next" (func $next))
  (export "same-text" (func $text))
  (export "half" (func $half))
  (export "nothing" (func $nothing))
  (instance (export "t:w/i@1.2.3") (export "same" (func $one)))
  (instance (export "t:w/j@0.1.0") (export "same" (func $two)) (export "only" (func $two))))`
  // half takes its option flat: one more core function, which passes the number on.
  .replace(
    "(core instance $i (instantiate",
    `(core module $halves (import "m" "half" (func $half (param i32) (result i32)))
      (func (export "half") (param i32 i32 i32) (result i32) (call $half (local.get 0))))
    (core instance $i (instantiate`,
  )
  .replace(
    '(func $next (param "x" u32)',
    '(core instance $h (instantiate $halves (with "m" (instance $i))))\n  (func $next (param "x" u32)',
  );

let file: string;
before(async () => {
  file = await textGuest(scratch, "functions", TEXT);
});

const printed: readonly (readonly [string, string])[] = [
  ["next(41)", "42"],
  ["next( 4294967295 )", "0"],
  ['same-text("ä\\n\\u{1f600}")', '"ä\\n😀"'],
  ['same-text("""\n  two\n  lines\n  """)', String.raw`"two\nlines"`],
  ["half(8)", "ok(4)"],
  ["half(9, none)", "err(4)"],
  ["half(9, some(1))", "err(4)"],
  ["half(9, 1)", "err(4)"],
  ["nothing()", "()"],
  ["only()", "2"],
  ["t:w/i.same@1.2.3()", "1"],
  ["t:w/i.same@1.0.0()", "1"],
  ["t:w/j.same@0.1.0()", "2"],
];

const refused: readonly (readonly [string, readonly string[]])[] = [
  ["next", [`Failed to parse invoke 'next': ${SYNTAX}`, "unexpected end of input at 4..4"]],
  ["", [`Failed to parse invoke '': ${SYNTAX}`, "unexpected end of input at 0..0"]],
  ["next(1)x", [`Failed to parse invoke 'next(1)x': ${SYNTAX}`, "trailing characters after value at 7..8"]],
  [
    "next()",
    ['while interpreting parameters in invoke "next()"', "invalid params: no params provided, but 1 required at 0..4"],
  ],
  [
    "next(1, 2)",
    ['while interpreting parameters in invoke "next(1, 2)"', "invalid params: more param(s) than expected at 8..9"],
  ],
  ["next(-1)", ['while interpreting parameters in invoke "next(-1)"', "invalid value at 5..7"]],
  ["half(none)", ['while interpreting parameters in invoke "half(none)"', "invalid value type at 5..9"]],
  ["nope()", ["No exported func named `nope` in component."]],
  ["t:w/i.nope()", ["No exported func named `t:w/i.nope` in component."]],
  ["t:w/i.same@2.0.0()", ["No exported func named `t:w/i.same@2.0.0` in component."]],
  [
    "same()",
    [
      "Multiple instances contained funcs named `same`, retry with a more specific name: `t:w/i.same@1.2.3`, `t:w/j.same@0.1.0`",
    ],
  ],
];

for (const host of here) {
  describe(`--invoke of a component on ${host.name}`, { skip: host.skip }, () => {
    for (const [call, result] of printed) {
      it(`${JSON.stringify(call)} is ${result}`, async () => {
        const { status, stdout, stderr } = await run(host, file, { flags: ["--invoke", call] });
        assert.deepEqual(
          { status, stdout: stdout.toString(), stderr },
          { status: 0, stdout: `${result}\n`, stderr: "" },
        );
      });
    }

    for (const [call, causes] of refused) {
      it(`${JSON.stringify(call)} is refused`, async () => {
        const { status, stdout, stderr } = await run(host, file, { flags: [`--invoke=${call}`] });
        assert.deepEqual(
          { status, stdout: stdout.toString(), chain: chain(stderr) },
          { status: 1, stdout: "", chain: [`failed to run main module \`${file}\``, ...causes] },
        );
      });
    }

    it("a trap is told without what was invoked, as by wasmtime", async () => {
      const { status, stderr } = await run(host, file, { flags: ["--invoke", "next(7)"] });
      assert.deepEqual(
        { status, chain: chain(stderr) },
        {
          status: 134,
          chain: [
            `failed to run main module \`${file}\``,
            "error while executing at wasm backtrace:",
            "wasm trap: wasm `unreachable` instruction executed",
          ],
        },
      );
    });

    it("a command's run, by its interface", async () => {
      const flags = ["--invoke", "wasi:cli/run.run@0.2.0()"];
      const { status, stdout } = await run(host, guestFile("hello"), { flags });
      assert.deepEqual({ status, stdout: stdout.toString() }, { status: 0, stdout: "hello, world\nok\n" });
    });
  });
}
