/** -S max-resources, max-component-handles, hostcall-fuel and max-random-size, as real processes on the runtime that runs this test. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { binary, canonOptions, libc } from "../component/text.ts";
import { guestFile, hosts } from "../e2e/host.ts";

const runtime = process.versions["bun"] ? "bun" : process.versions["deno"] ? "deno" : "node";
const scratch = mkdtempSync(join(tmpdir(), "pollux-limits-"));
after(() => rmSync(scratch, { recursive: true }));
const random = join(scratch, "random.wasm");

/** A command that asks for 1,000 random bytes. */
before(async () => {
  const bytes = await binary(`(component
    (import "wasi:random/random@0.2.0" (instance $random
      (export "get-random-bytes" (func (param "len" u64) (result (list u8))))))
    ${libc}
    (core func $bytes (canon lower (func $random "get-random-bytes") ${canonOptions}))
    (core module $m
      (import "h" "bytes" (func $bytes (param i64 i32)))
      (func (export "run") (result i32) (call $bytes (i64.const 1000) (i32.const 16)) (i32.const 0)))
    (core instance $i (instantiate $m (with "h" (instance (export "bytes" (func $bytes))))))
    (func $run (result (result)) (canon lift (core func $i "run")))
    (instance (export "wasi:cli/run@0.2.0") (export "run" (func $run))))`);
  writeFileSync(random, bytes);
});

for (const host of hosts.filter(({ name }) => name === runtime)) {
  describe(`limits on ${host.name}`, () => {
    const cases: readonly (readonly [string, () => string, string | undefined])[] = [
      ["-Smax-resources=0", () => guestFile("hello"), "resource table has no free keys"],
      ["-Smax-resources=1", () => guestFile("hello"), undefined],
      [
        "-Smax-component-handles=1",
        () => guestFile("hello"),
        "cannot allocate another handle: store handle limit exceeded",
      ],
      ["-Smax-component-handles=3", () => guestFile("hello"), undefined],
      [
        "-Shostcall-fuel=3",
        () => guestFile("hello"),
        "too much data is being copied between the host and the guest: fuel allocated for hostcalls has been exhausted",
      ],
      ["-Shostcall-fuel=1_000", () => guestFile("hello"), undefined],
      ["-Smax-random-size=999", () => random, "requested len 1000 exceeds limit 999"],
      ["-Smax-random-size=1000", () => random, undefined],
    ];
    for (const [flag, file, problem] of cases) {
      it(`${flag}: ${problem ?? "enough"}`, () => {
        const [program, ...first] = host.command;
        const { error, status, stderr } = spawnSync(program!, [...first, "run", flag, file()], {
          encoding: "utf8",
          timeout: 60_000,
        });
        if (error) throw error;
        if (problem === undefined) assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
        else {
          assert.equal(status, 1);
          assert.equal(
            stderr
              .trimEnd()
              .split("\n")
              .at(-1)
              ?.replace(/^ +\d: /, ""),
            problem,
          );
        }
      });
    }
  });
}
