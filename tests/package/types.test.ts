/** The types of the npm package, in projects with one or another library of types, and not with those of all runtimes as here. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { runtime } from "../adapters/runtime.ts";

const root = join(import.meta.dirname, "../..");
const skip =
  runtime !== "node"
    ? "once is enough"
    : !existsSync(join(root, "dist/npm/src/index.d.ts")) && "no dist/npm: npm run build makes it";

const program = `import { dial, handler, instantiate, listen, run, serve, Trap } from "pollux";
import type { Handler, HostImports, Input, Output, RunOptions } from "pollux";
import { createMachine as ofBun } from "pollux/bun";
import { createMachine as ofDeno } from "pollux/deno";
import { createMachine as ofNode } from "pollux/node";

export const times: number[] = await Promise.all([ofBun, ofDeno, ofNode].map(async (make) => (await make()).now()));

const input: Input = new Uint8Array(1);
const output: Output = (bytes: Uint8Array) => void bytes.length;
const options: RunOptions = { stdin: input, stderr: output, network: { allow: ["127.0.0.1:80"] } };
export const text: string = (await run("app.wasm", { ...options, stdout: "text" })).stdout;
export const both: string[] = Object.values(await run("app.wasm", { stdout: "text", stderr: "text" })).map(String);
// @ts-expect-error nobody has asked for it
(await run("app.wasm", options)).stdout;
// @ts-expect-error it is misspelt
run("app.wasm", { networkk: "inherit" });
const imports: HostImports = { "a:b/c": { add: (a: number, b: number) => a + b, Thing: class {} }, f: { default: () => {} } };
await using app = await instantiate<{ f(): number }>("app.wasm", imports, { wasi: { stdout: "inherit" } });
export const result: number = app.f();
const answer: Handler = await handler(new URL("file:///app.wasm"));
export const status: number = (await answer(new Request("http://localhost/"))).status;
await using server = await serve("app.wasm", { port: 0, signal: AbortSignal.timeout(1) });
export const url: string = server.url.href;
const conn = await dial((await listen("127.0.0.1:0")).localAddress);
export const stream: ReadableStream<Uint8Array> = conn.readable;
export const trap = (error: unknown) => error instanceof Trap && [error.code === "trap", error.frames[0]?.func];
// @ts-expect-error it is for Pollux alone
export type Inner = import("pollux").CompiledComponent["compiledFor"];
`;

/** What such a project says of itself. */
const projects: Readonly<Record<string, { readonly lib: readonly string[]; readonly types: readonly string[] }>> = {
  "of Node's types, without the DOM's": { lib: ["es2024", "esnext.disposable"], types: ["node"] },
  "of the DOM's types alone": { lib: ["es2024", "esnext.disposable", "dom", "dom.asynciterable"], types: [] },
  "of Bun's types": { lib: ["esnext"], types: ["bun"] },
};

describe("the types of the npm package", { skip }, () => {
  const scratch = mkdtempSync(join(root, "tests/package/types-"));
  after(() => rmSync(scratch, { recursive: true }));

  before(() => {
    const into = join(scratch, "node_modules/pollux");
    mkdirSync(into, { recursive: true });
    cpSync(join(root, "package.json"), join(into, "package.json"));
    for (const file of globSync("dist/npm/src/**/*.d.ts", { cwd: root })) cpSync(join(root, file), join(into, file));
    writeFileSync(join(scratch, "program.ts"), program);
  });

  for (const [name, { lib, types }] of Object.entries(projects)) {
    it(`are whole in a project ${name}`, () => {
      const compilerOptions = { lib, types, module: "nodenext", target: "es2024", strict: true, noEmit: true };
      writeFileSync(join(scratch, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["program.ts"] }));
      const tsc = join(root, "node_modules/typescript/bin/tsc");
      const { stdout } = spawnSync(process.execPath, [tsc, "-p", scratch, "--pretty", "false"], { encoding: "utf8" });
      // Those of others are theirs.
      assert.deepEqual(
        stdout.split("\n").filter((line) => /^(?:program|node_modules.pollux|tests.package)/.test(line)),
        [],
      );
    });
  }
});
