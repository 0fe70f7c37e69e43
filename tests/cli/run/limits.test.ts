/**
 * -S max-resources, max-component-handles, hostcall-fuel and max-random-size, as real
 * processes on the runtime that runs this test.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { binary } from "../../component/text.ts";
import { guestFile } from "../../e2e/host.ts";
import { here } from "../here.ts";
import { RANDOM } from "../texts.ts";

const scratch = mkdtempSync(join(tmpdir(), "pollux-limits-"));
after(() => rmSync(scratch, { recursive: true }));
const random = join(scratch, "random.wasm");

before(async () => writeFileSync(random, await binary(RANDOM)));

const noKeys = "resource table has no free keys";
const noFuel =
  "too much data is being copied between the host and the guest: fuel allocated for hostcalls has been exhausted";
const limits = guestFile("limits");
const hello = guestFile("hello");

/**
 * The flag, the file with its arguments, and what ends it; undefined: it is enough. As on wasmtime 48.0.8,
 * which wants room for 4 resources though.
 */
const cases: readonly (readonly [flag: string, args: readonly string[], problem: string | undefined])[] = [
  ["-Smax-resources=0", [hello], noKeys],
  ["-Smax-resources=1", [hello], undefined],
  // A clock's pollable has its timer beside it.
  ["-Smax-resources=9", [limits, "clocks", "5"], noKeys],
  ["-Smax-resources=10", [limits, "clocks", "5"], undefined],
  ["-Smax-resources=4", [limits, "sockets", "5"], noKeys],
  ["-Smax-resources=5", [limits, "sockets", "5"], undefined],
  ["-Smax-resources=5", [limits, "pollables", "5"], noKeys],
  ["-Smax-resources=6", [limits, "pollables", "5"], undefined],
  ["-Smax-component-handles=1", [hello], "cannot allocate another handle: store handle limit exceeded"],
  ["-Smax-component-handles=3", [hello], undefined],
  ["-Shostcall-fuel=3", [hello], noFuel],
  ["-Shostcall-fuel=1_000", [hello], undefined],
  ["-Shostcall-fuel=11999", [limits, "poll", "1000"], noFuel],
  ["-Shostcall-fuel=12000", [limits, "poll", "1000"], undefined],
  ["-Shostcall-fuel=911", [limits, "datagrams", "16"], noFuel],
  ["-Shostcall-fuel=912", [limits, "datagrams", "16"], undefined],
  ["-Smax-random-size=999", [random], "requested len 1000 exceeds limit 999"],
  ["-Smax-random-size=1000", [random], undefined],
];

for (const host of here) {
  describe(`limits on ${host.name}`, { skip: host.skip }, () => {
    for (const [flag, args, problem] of cases) {
      it(`${flag}${args.length > 1 ? ` ${args.slice(1).join(" ")}` : ""}: ${problem ?? "enough"}`, () => {
        const [program, ...first] = host.command;
        const { error, status, stderr } = spawnSync(program!, [...first, "run", "-Sinherit-network", flag, ...args], {
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
