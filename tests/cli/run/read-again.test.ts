/** What is read of a guest's file when the guest has trapped: nothing of another file in its place. */
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, renameSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { now, readAgain, readModule } from "../../../src/cli/run/module-file.ts";
import { guestFile } from "../../e2e/host.ts";

describe("a file that is read again", () => {
  const folder = mkdtempSync(join(tmpdir(), "pollux-again-"));
  after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "app.wasm");

  it("has the same bytes", () => {
    assert.deepEqual(readAgain(guestFile("hello"), now()), readModule(guestFile("hello")));
  });

  for (const [name, change] of [
    ["that was written since", () => copyFileSync(guestFile("trap"), file)],
    [
      "that an older one has taken the place of",
      () => {
        const older = join(folder, "older.wasm");
        copyFileSync(guestFile("trap"), older);
        utimesSync(older, 0, 0);
        renameSync(older, file);
      },
    ],
    ["that was removed", () => rmSync(file)],
  ] as const) {
    it(`${name}: nothing`, () => {
      copyFileSync(guestFile("hello"), file);
      // A file's times are a tick of the kernel's behind.
      const readAt = now() - 1000;
      change();
      assert.equal(readAgain(file, readAt), undefined);
    });
  }

  it("from standard input: nothing", () => assert.equal(readAgain("-", now()), undefined));
});
