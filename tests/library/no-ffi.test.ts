/** A runtime without FFI: what waits by blocking says what to give in its place. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const url = (path: string): string => JSON.stringify(new URL(`../../${path}`, import.meta.url).href);

const program = `import { instantiate, run } from ${url("src/index.ts")};
const hello = new URL(${url("tests/guests/hello.wasm")});
const says = (error) => console.log(error.name, error.message);
await run(hello, { wait: "blocking" }).catch(says);
await instantiate(hello, {}, { wasi: {} }).catch(says);
await using app = await instantiate(hello, {}, { wasi: {}, wait: "suspending" });
console.log("suspends", typeof app["wasi:cli/run"].run);
`;

describe("a runtime without FFI", () => {
  const flags =
    process.versions["deno"] !== undefined
      ? ["run", "--no-check", "--allow-read", "--allow-env"]
      : ["--no-experimental-ffi"];
  const has = process.versions["bun"] !== undefined && "Bun always has it";

  it("says what to use, and the way to wait that needs none", { skip: has }, () => {
    const scratch = mkdtempSync(join(tmpdir(), "pollux-no-ffi-"));
    try {
      const file = join(scratch, "program.mjs");
      writeFileSync(file, program);
      const command = { cwd: fileURLToPath(new URL("../..", import.meta.url)), encoding: "utf8" } as const;
      const { stdout, stderr } = spawnSync(process.execPath, [...flags, file], command);
      const refusal = /UnsupportedRuntime .*(?:node:ffi|--allow-ffi).*; or give wait: "suspending"/.source;
      assert.match(stdout, new RegExp(`^${refusal}\n${refusal}\nsuspends function\n$`), stderr);
    } finally {
      rmSync(scratch, { recursive: true });
    }
  });
});
