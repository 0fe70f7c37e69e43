/** What may have been meant by a name that is none: of a file, a command, a function. Real processes. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { guestFile } from "../e2e/host.ts";
import { command, here, scratchDirectory, textGuest } from "./here.ts";

const scratch = scratchDirectory();

const ADDS = `(component
  (core module $m (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
  (core instance $i (instantiate $m))
  (func $add (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add")))
  (export "add" (func $add)))`;

before(async () => {
  mkdirSync(join(scratch, "target"));
  copyFileSync(guestFile("hello"), join(scratch, "app.wasm"));
  copyFileSync(guestFile("hello"), join(scratch, "target/server.wasm"));
  await textGuest(scratch, "adds", ADDS);
  await textGuest(
    scratch,
    "module",
    '(module (func (export "add")) (func (export "_start")) (memory (export "memory") 1))',
  );
  await textGuest(scratch, "command", command("i32.const 0"));
});

for (const host of here) {
  describe(`what was meant, on ${host.name}`, { skip: host.skip }, () => {
    const lines: readonly (readonly [line: string, hint: string | undefined])[] = [
      ["ap.wasm", "did you mean `app.wasm`?"],
      ["run app", "did you mean `app.wasm`?"],
      ["serve target/serve.wasm", "did you mean `target/server.wasm`?"],
      ["inspect ./aps.wasm", "did you mean `app.wasm`?"],
      ["rnu app.wasm", "did you mean the command `pollux run`?"],
      ["inspct app.wasm", "did you mean the command `pollux inspect`?"],
      ["version", "did you mean `pollux --version`?"],
      ["nowhere/app.wasm", undefined],
      ["qqq", undefined],
      ["--invoke ad(1,2) adds.wasm", "did you mean `add`?"],
      ["--invoke subtract(1,2) adds.wasm", "there is `add`"],
      ["--invoke ad module.wasm", "did you mean `add`?"],
      ["--invoke zzz module.wasm", "there is `add`, `_start`"],
      ["--invoke rum() command.wasm", "did you mean `run`?"],
    ];
    for (const [line, hint] of lines) {
      it(`${line}: ${hint ?? "nothing"}`, () => {
        const [program = "", ...first] = host.command;
        const { status, stderr } = spawnSync(program, [...first, ...line.split(" ")], {
          cwd: scratch,
          encoding: "utf8",
          timeout: 60_000,
        });
        assert.equal(status, 1, stderr);
        assert.match(stderr, /^Error: /);
        const [, said] = /^hint: (.*)$/m.exec(stderr) ?? [];
        assert.equal(said, hint, stderr);
      });
    }
  });
}
