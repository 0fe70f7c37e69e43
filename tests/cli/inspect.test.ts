/** `pollux inspect`: its command line, and as real processes on the runtime that runs this test. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import { guestFile, type Host, hosts } from "../e2e/host.ts";
import { textGuest } from "./here.ts";

const runtime = process.versions["bun"] ? "bun" : process.versions["deno"] ? "deno" : "node";
const scratch = mkdtempSync(join(tmpdir(), "pollux-inspect-"));
after(() => rmSync(scratch, { recursive: true }));

function pollux(host: Host, args: readonly string[]) {
  const [program, ...first] = host.command;
  const { error, status, stdout, stderr } = spawnSync(program!, [...first, ...args], {
    cwd: scratch,
    encoding: "utf8",
    timeout: 60_000,
  });
  if (error) throw error;
  return { status, stdout, stderr };
}

for (const host of hosts.filter(({ name }) => name === runtime)) {
  describe(`pollux inspect on ${host.name}`, () => {
    it("prints what a component is", () => {
      const { status, stdout, stderr } = pollux(host, ["inspect", guestFile("tcpecho")]);
      assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
      assert.match(stdout, /^.*tcpecho\.wasm: component, [\d,]+ bytes\n\npackage root:component;\n/);
      assert.match(stdout, /^ {2}export wasi:cli\/run@0\.2\.12;$/m);
      assert.match(stdout, /^ {2}1 {2}wit-component:shim +[\d,]+ bytes +at 0x[0-9a-f]+$/m);
      assert.match(stdout, /^ {2}wasi:sockets\/tcp-create-socket@0\.2\.12 +linked only +grant: -Sinherit-network$/m);
    });

    it("--json is one object", () => {
      const { status, stdout } = pollux(host, ["inspect", "--json", guestFile("hello")]);
      const { kind, runs, exports }: Record<string, unknown> = JSON.parse(stdout);
      assert.deepEqual(
        { status, kind, runs, exports },
        { status: 0, kind: "component", runs: true, exports: ["wasi:cli/run@0.2.12"] },
      );
    });

    it("-h is help", () => {
      assert.match(pollux(host, ["inspect", "-h"]).stdout, /^Usage: pollux inspect \[OPTIONS\] <WASM>$/m);
    });

    it("says how to call a function, and that can be pasted", async () => {
      const file = await textGuest(
        scratch,
        "it's adding",
        `(component
          (core module $m (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
          (core instance $i (instantiate $m))
          (func $add (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add")))
          (export "add" (func $add)))`,
      );
      const { stdout } = pollux(host, ["inspect", file]);
      const [, line = ""] = /^ {2}pollux (run --invoke .*)$/m.exec(stdout) ?? [];
      const command = host.command.map((word) => `'${word}'`).join(" ");
      const pasted = spawnSync("sh", ["-c", `${command} ${line}`], { encoding: "utf8", timeout: 60_000 });
      assert.deepEqual([pasted.stdout, pasted.stderr, pasted.status], ["2\n", "", 0]);
    });

    it("--check is status 1 for what can neither be run nor served", () => {
      const checks = (name: string) => pollux(host, ["inspect", "--check", "--json", guestFile(name)]).status;
      assert.deepEqual(["hello", "http/server", "unknown-import"].map(checks), [0, 0, 1]);
      assert.equal(pollux(host, ["inspect", guestFile("unknown-import")]).status, 0);
    });

    const bad: readonly (readonly [string, Uint8Array | undefined])[] = [
      ["missing.wasm", undefined],
      ["empty.wasm", new Uint8Array()],
      ["random.wasm", new Uint8Array([0x9a, 0xff, 0x00, 0xfe])],
      ["version.wasm", new Uint8Array([0x00, 0x61, 0x73, 0x6d, 0x0e, 0x00, 0x01, 0x00])],
      ["cut.wasm", new Uint8Array([0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00, 0x07, 0x50])],
    ];
    for (const [name, bytes] of bad) {
      it(`${name}: the error that a run gives`, () => {
        if (bytes !== undefined) writeFileSync(join(scratch, name), bytes);
        const inspected = pollux(host, ["inspect", name]);
        assert.deepEqual(inspected, pollux(host, ["run", name]));
        assert.match(inspected.stderr, /^Error: /);
        assert.equal(inspected.status, 1);
      });
    }
  });
}
