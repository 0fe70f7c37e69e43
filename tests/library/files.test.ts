import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { PreopenError, run } from "../../src/index.ts";
import { snapshot, Temporary } from "../core/files/tree.ts";
import { buildFiles3, files3 } from "../e2e/files3.ts";

const guest = new URL("../guests/behaviour/files-libc.wasm", import.meta.url);

buildFiles3();

describe("run with preopens", () => {
  it("gives the guest directories by its names", async () => {
    using base = new Temporary();
    for (const name of ["work", "data"]) mkdirSync(join(base.path, name));
    writeFileSync(join(base.path, "data/given"), "given");
    const preopens = { "/files": join(base.path, "work"), data: join(base.path, "data") };
    assert.deepEqual(await run(guest, { preopens, stderr: failures() }), { exitCode: 0 });
    assert.deepEqual(snapshot(base.path), { work: null, data: null, "data/given": "given" });
  });

  it("gives them to a guest of WASI 0.3, which finds what it writes by streams", { skip: files3.skip }, async () => {
    using base = new Temporary();
    for (const topic of ["streams", "directories", "times"]) {
      const options = { preopens: { "/": base.path }, stderr: failures(), args: ["guest", topic] };
      assert.deepEqual(await run(pathToFileURL(files3.file), options), { exitCode: 0 });
    }
    assert.deepEqual(snapshot(base.path), {});
  });

  it("fails where one cannot be opened", async () => {
    using base = new Temporary();
    await assert.rejects(run(guest, { preopens: { "/files": join(base.path, "none") } }), PreopenError);
  });
});

/** A failed check of the guest's fails the test with its words. */
function failures(): WritableStream<Uint8Array> {
  return new WritableStream({
    write(bytes) {
      throw new Error(new TextDecoder().decode(bytes));
    },
  });
}
