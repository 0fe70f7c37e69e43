/**
 * Guests with directories, on every host. They pass on wasmtime 48.0.8 too, save for two checks of files-escape: it looks at a
 * link itself where a slash at the end of its path asks for what it leads to.
 */
import assert from "node:assert/strict";
import { readdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { plantEnds, plantEscapes, plantLibc, plantRace, snapshot, Temporary } from "../core/files/tree.ts";
import { assertError } from "./check.ts";
import { guestFile, hosts, type Outcome, run, start } from "./host.ts";

/** `(module (func (result i32)))`, whose function leaves nothing to return. */
const MODULE = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f, 3, 2, 1, 0, 10, 4, 1, 2, 0, 11];

function assertChecks({ status, stdout, stderr }: Outcome): void {
  assert.equal(stderr, "");
  assert.match(stdout.toString(), /^\d+ checks\n$/);
  assert.equal(status, 0);
}

for (const host of hosts) {
  describe(`files on ${host.name}`, { skip: host.skip }, () => {
    it("every call on files and directories, 1,000 of them open, one beyond 4 GiB", async () => {
      using given = new Temporary();
      assertChecks(await run(host, guestFile("behaviour/files"), { flags: ["--dir", given.path] }));
      assert.deepEqual(readdirSync(given.path), []);
    });

    it("libc's files, in two directories under names of their own", async () => {
      using base = new Temporary();
      const flags = plantLibc(base.path);
      assertChecks(await run(host, guestFile("behaviour/files-libc"), { flags }));
      assert.deepEqual(snapshot(base.path), { "wörk dir": null, data: null, "data/given": "given" });
    });

    it("no way out by `..`, absolute paths, symbolic links or hard links", async () => {
      using base = new Temporary();
      const inside = plantEscapes(base.path);
      const before = snapshot(base.path);
      assertChecks(await run(host, guestFile("behaviour/files-escape"), { flags: ["--dir", inside] }));
      assert.deepEqual(snapshot(base.path), before);
    });

    it("no way out by /proc/self", async () => {
      const options = { flags: ["--dir", "/proc/self"], args: ["proc"] };
      assertChecks(await run(host, guestFile("behaviour/files-escape"), options));
    });

    it("no way out by what is swapped while it looks", async () => {
      using base = new Temporary();
      const { inside, outside } = plantRace(base.path);
      const before = snapshot(outside);
      await using guest = start(host, guestFile("behaviour/files-escape"), {
        flags: ["--dir", inside],
        args: ["race", "100"],
      });
      const ended = guest.outcome();
      let over = false;
      void ended.finally(() => {
        over = true;
      });
      const at = (name: string) => join(inside, name);
      while (!over) {
        for (const target of ["../outside", "real"]) {
          symlinkSync(target, at("fresh"));
          renameSync(at("fresh"), at("link"));
          await setImmediate();
        }
        renameSync(at("place"), at("away"));
        symlinkSync("../outside", at("place"));
        renameSync(at("far/moved"), join(base.path, "moved"));
        await setImmediate();
        unlinkSync(at("place"));
        renameSync(at("away"), at("place"));
        renameSync(join(base.path, "moved"), at("far/moved"));
        await setImmediate();
      }
      assertChecks(await ended);
      assert.deepEqual(snapshot(outside), before);
    });

    it("a failed stream is closed, and nothing is too much for what is not open for it", async () => {
      using given = new Temporary();
      const flags = plantEnds(given.path);
      assertChecks(await run(host, guestFile("behaviour/stream-ends"), { flags, args: ["files"] }));
    });

    for (const [what, words, path] of [
      ["is not there", "No such file or directory (os error 2)", "no-such-directory"],
      ["is a file", "Not a directory (os error 20)", guestFile("hello")],
    ] as const) {
      it(`a --dir that ${what} ends the run before the guest starts`, async () => {
        const outcome = await run(host, guestFile("hello"), { flags: ["--dir", ".", "--dir", path] });
        const text = `Error: failed to open directory "${path}": ${words}\n`;
        assert.deepEqual([outcome.status, outcome.stdout.toString(), outcome.stderr], [1, "", text]);
      });
    }

    for (const [what, bytes, words] of [
      ["cannot be read", [99], /^Error: failed to parse/],
      ["holds a module that does not compile", [1, MODULE.length, ...MODULE], /^Error: failed to compile/],
    ] as const) {
      it(`a component that ${what} is told of before a --dir that is not there`, async () => {
        using base = new Temporary();
        const file = join(base.path, "broken.wasm");
        writeFileSync(file, Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, ...bytes));
        assertError(await run(host, file, { flags: ["--dir", "no-such-directory"] }), 1, words);
      });
    }
  });
}
