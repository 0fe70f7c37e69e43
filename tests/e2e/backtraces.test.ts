/** What the report of a trap says of frames: as wasmtime 48.0.8 with WASMTIME_BACKTRACE_DETAILS=1 on V8, declarations elsewhere. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Reader } from "../../src/wasm/reader.ts";
import { leb128 } from "../../src/wasm/writer.ts";
import { binary } from "../component/text.ts";
import { guestFile, hosts, run, runtimeOf, start } from "./host.ts";

const at = (place: string) => `                    at /guest/inlined.c:${place}`;
const declared = (line: number) => `                    declared at /guest/inlined.c:${line}`;

const unoptimized = [
  "    0:    0x114 - divide",
  at("6:16"),
  "                - halves",
  at("10:15"),
  "                - work",
  at("17:12"),
  "    1:     0x67 - start",
  at("22:13"),
];
const optimized = ["    0:     0xcf - divide", ...unoptimized.slice(1, 6), "    1:     0x57 - start", at("22:13")];
const named = (module: string) => [`    0: ${module}!work`, declared(14), `    1: ${module}!start`, declared(21)];

/** The guest; its frames on V8, and on JavaScriptCore. */
const guests: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["inlined-O0-dwarf4", unoptimized, named("inlined-O0-dwarf4.wasm")],
  ["inlined-O0-dwarf5", unoptimized, named("inlined-O0-dwarf5.wasm")],
  ["inlined-O2-dwarf4", optimized, named("inlined-O2-dwarf4.wasm")],
  ["inlined-O2-dwarf5", optimized, named("inlined-O2-dwarf5.wasm")],
  [
    "names",
    ["    0:    0x114 - names.wasm!work", "    1:     0x67 - names.wasm!start"],
    ["    0: names.wasm!work", "    1: names.wasm!start"],
  ],
  [
    "stripped",
    ["    0:    0x114 - <unknown>!<wasm function 1>", "    1:     0x67 - <unknown>!<wasm function 0>"],
    ["    0: <unknown>!<wasm function 1>", "    1: <unknown>!<wasm function 0>"],
  ],
];

/** The frames that were printed: what stands between the words before them and the trap. */
function framesOf(stderr: string): string[] {
  const lines = stderr.split("\n");
  const first = lines.findIndex((line) => line.endsWith("error while executing at wasm backtrace:"));
  const last = lines.findIndex((line) => /^ {4}\d: wasm trap: /.test(line));
  return first < 0 ? [] : lines.slice(first + 1, last);
}

describe("the frames of a trap", () => {
  let scratch: string;
  before(() => {
    scratch = mkdtempSync(join(tmpdir(), "pollux-backtraces-"));
  });
  after(() => rmSync(scratch, { recursive: true }));

  for (const host of hosts) {
    describe(`on ${host.name}`, { skip: host.skip }, () => {
      const v8 = runtimeOf(host) !== "bun";
      const frames = async (
        file: string,
        flags: readonly string[] = [],
        env: Readonly<Record<string, string>> = {},
      ) => {
        const { stderr, status } = await run(host, file, { flags, env });
        assert.equal(status, 134);
        assert.match(stderr, /wasm trap: integer divide by zero\n/);
        return framesOf(stderr);
      };

      for (const [name, exact, names] of guests) {
        it(name, async () => {
          assert.deepEqual(await frames(guestFile(`traps/${name}`)), v8 ? exact : names);
        });
      }

      it("--backtrace: short has no source, none no frames; full is the default; it goes before the variable", async () => {
        const file = guestFile("traps/inlined-O0-dwarf5");
        const module = "inlined-O0-dwarf5.wasm";
        const short = v8
          ? [`    0:    0x114 - ${module}!work`, `    1:     0x67 - ${module}!start`]
          : [`    0: ${module}!work`, `    1: ${module}!start`];
        const full = v8 ? unoptimized : named(module);
        const details = (value: string) => ({ WASMTIME_BACKTRACE_DETAILS: value });
        assert.deepEqual(await frames(file, ["--backtrace=none"]), []);
        assert.deepEqual(await frames(file, ["--backtrace=short"]), short);
        assert.deepEqual(await frames(file, ["--backtrace=short"], details("1")), short);
        assert.deepEqual(await frames(file, ["--backtrace", "full"], details("0")), full);
        assert.deepEqual(await frames(file, [], details("0")), short);
        assert.deepEqual(await frames(file, [], details("1")), full);
      });

      it("offsets are those of the file, also in a component of several modules, and where a module was edited", async () => {
        const file = join(scratch, `${host.name}.wasm`);
        const bytes = readFileSync(guestFile("traps/inlined-O0-dwarf5"));
        // Its first module, which is replaced by the guest, stands behind the 8 bytes that a component begins with.
        const around = new Reader(
          await binary(`(component
            (core module $m (func (export "_start")))
            (core module $other (func (export "f")))
            (core instance (instantiate $other))
            (core instance $i (instantiate $m))
            (core module $run
              (import "m" "_start" (func $start))
              (func (export "run") (result i32) (call $start) (i32.const 0)))
            (core instance $r (instantiate $run (with "m" (instance $i))))
            (func $run (result (result)) (canon lift (core func $r "run")))
            (instance (export "wasi:cli/run@0.2.0") (export "run" (func $run))))`),
          9,
        );
        around.skip(around.u32());
        const head = [...around.bytes.subarray(0, 8), 1, ...leb128(bytes.length)];
        const component = Buffer.concat([Uint8Array.from(head), bytes, around.bytes.subarray(around.pos)]);
        writeFileSync(file, component);
        const start = head.length;
        const moved = (offset: number) => `0x${(offset + start).toString(16)}`.padStart(8);
        for (const flags of [[], ["-Wmax-memory-size=10000000"]]) {
          const found = await frames(file, flags);
          if (v8) {
            assert.deepEqual(found.slice(0, 8), [
              unoptimized[0]!.replace("   0x114", moved(0x114)),
              ...unoptimized.slice(1, 6),
              unoptimized[6]!.replace("    0x67", moved(0x67)),
              unoptimized[7],
            ]);
            assert.match(found[8]!, /^ {4}2: +0x[0-9a-f]+ - (?:run|<unknown>)!/);
          } else {
            assert.deepEqual(found.slice(0, 4), named("inlined-O0-dwarf5.wasm"));
          }
        }
      });

      it("neither offsets nor lines where functions were changed before they were compiled", async () => {
        const file = join(scratch, `${host.name} growing.wasm`);
        const module = await binary(`(module $growing (memory 1)
          (func $work (export "_start")
            (drop (memory.grow (i32.const 0)))
            (drop (i32.div_u (i32.const 1) (i32.const 0)))))`);
        writeFileSync(file, module);
        const found = await frames(file, ["-Wtrap-on-grow-failure", "-Wmax-memory-size=10000000"]);
        assert.deepEqual(found, ["    0: growing!work"]);
      });

      it("after a change of the file, by a process that has waited for it", async () => {
        const file = join(scratch, `${host.name} watched.wasm`);
        copyFileSync(guestFile("traps/inlined-O0-dwarf5"), file);
        await using guest = start(host, file, { flags: ["--watch"] });
        const line = v8 ? "at /guest/inlined\\.c:6:16\n" : "declared at /guest/inlined\\.c:14\n";
        await guest.waitFor(new RegExp(`${line}[\\s\\S]*waiting for it to change`), "stderr");
        copyFileSync(guestFile("traps/inlined-O2-dwarf5"), file);
        await guest.waitFor(new RegExp(`waiting for it to change[\\s\\S]*${line}`), "stderr");
      });
    });
  }
});
