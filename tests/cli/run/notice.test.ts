/** A thread that says when something takes long: the line that is there while a large guest is compiled on a terminal. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { scratchDirectory } from "../here.ts";

const scratch = scratchDirectory();
const root = pathToFileURL(`${join(import.meta.dirname, "../../..")}/`).href;
const node = !process.versions["bun"] && !process.versions["deno"];

/** What it says of something that takes so long, ms, when it is to say so after 200 ms. */
function said(takes: number): string {
  const script = `
    import { startWorker } from "${root}src/adapters/process/worker.ts";
    import { startNotice } from "${root}src/cli/run/watchdog.ts";
    const over = await startNotice((options) => startWorker("bin/node-watchdog", options), 200, "it takes long\\n");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${takes});
    over();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${takes === 0 ? 1000 : 0});
    process.exit(0);`;
  const file = join(scratch, `${takes}.mjs`);
  writeFileSync(file, script);
  const { status, stderr } = spawnSync(process.execPath, [file], {
    encoding: "utf8",
    timeout: 60_000,
  });
  assert.equal(status, 0, stderr);
  return stderr;
}

describe("a notice", { skip: node ? false : "the same thread on all runtimes" }, () => {
  it("is given of what takes long, though the thread is busy", () => assert.equal(said(2000), "it takes long\n"));
  it("is not given of what is over", () => assert.equal(said(0), ""));
});
