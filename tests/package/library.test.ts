/** The library as a program has it: installed from a registry without the binary, on each runtime. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { binary } from "../component/text.ts";
import { guestFile } from "../e2e/host.ts";
import { ended, environment } from "./command.ts";
import { installInto, publishMain } from "./published.ts";
import type { Registry } from "./registry.ts";
import { bun, deno, nodeOf, nodes, notBuilt } from "./runtimes.ts";

const component = `(component
  (import "test:numbers/source" (instance $source (export "next" (func (result u32)))))
  (core func $next (canon lower (func $source "next")))
  (core module $m
    (import "" "next" (func $next (result i32)))
    (func (export "sum") (result i32) (i32.add (call $next) (call $next))))
  (core instance $i (instantiate $m (with "" (instance (export "next" (func $next))))))
  (func (export "sum") (result u32) (canon lift (core func $i "sum"))))`;

const guest = (name: string) => `new URL(${JSON.stringify(pathToFileURL(guestFile(name)).href)})`;

/** In the words of Node 22, which has no `using`. */
const everywhere = `import { dial, instantiate, LinkError, listen } from "pollux";

let n = 20;
const { sum } = await instantiate(new URL("sum.wasm", import.meta.url), { "test:numbers/source": { next: () => n++ } });
console.log("sum", sum());

const missing = await instantiate(${guest("hello")}, {}).catch((error) => error);
console.log("missing", missing instanceof LinkError, missing.code);

const listener = await listen("127.0.0.1:0");
const conn = await dial(listener.localAddress);
const { value: served } = await listener[Symbol.asyncIterator]().next();
await conn.write(new TextEncoder().encode("hello"));
const buffer = new Uint8Array(16);
console.log("read", await served.read(buffer));
await Promise.all([conn.close(), served.close(), listener.close()]);
`;

const runs = `import { run } from "pollux";

const { exitCode } = await run(${guest("hello")}, { stdout: "inherit", limits: { resources: 100 } });
console.log("hello", exitCode);
const network = { allow: ["127.0.0.1:*", "[::1]:*"] };
console.log("sockets", (await run(${guest("behaviour/tcp-streams")}, { network })).exitCode);
`;

describe("the library from a registry", { skip: notBuilt }, () => {
  const scratch = mkdtempSync(join(tmpdir(), "pollux-library-"));
  after(() => rmSync(scratch, { recursive: true }));
  const project = join(scratch, "project");
  let registry: Registry;
  const env = () => environment(join(scratch, "home"), registry.url);
  before(async () => {
    registry = await publishMain(scratch);
    await installInto(project, env(), "--omit=optional");
    writeFileSync(join(project, "sum.wasm"), await binary(component));
    writeFileSync(join(project, "everywhere.mjs"), everywhere);
    writeFileSync(join(project, "runs.mjs"), runs);
  });
  after(() => registry[Symbol.asyncDispose]());

  const old = nodeOf(20);
  it("says on Node 20 what it needs", { skip: old.skip }, async () => {
    const { status, stdout, stderr } = await ended([old.path, "everywhere.mjs"], { cwd: project, env: env() });
    assert.deepEqual({ status, stdout }, { status: 1, stdout: "" });
    assert.match(stderr, /^UnsupportedRuntime: Pollux's library needs .*, which Node has since 22: .*$/m);
  });

  const runtimes: readonly (readonly [
    name: string,
    command: readonly string[],
    suspends: boolean,
    skip: string | false,
  ])[] = [
    ...nodes
      .filter(({ major }) => major >= 22)
      .map(({ major, path, skip }) => [`Node ${major}`, [path], major >= 24, skip] as const),
    ["Bun", [bun], true, false],
    ["Deno", [deno, "run", "-A"], true, false],
  ];
  for (const [name, command, suspends, skip] of runtimes) {
    it(`instantiates, links and connects on ${name}`, { skip }, async () => {
      assert.deepEqual(await ended([...command, "everywhere.mjs"], { cwd: project, env: env() }), {
        status: 0,
        stdout: "sum 41\nmissing true link-error\nread 5\n",
        stderr: "",
      });
    });

    it(`${suspends ? "runs guests" : "says what running guests needs"} on ${name}`, { skip }, async () => {
      const { status, stdout, stderr } = await ended([...command, "runs.mjs"], { cwd: project, env: env() });
      if (suspends) {
        assert.deepEqual(
          { status, stdout, stderr },
          { status: 0, stdout: "hello, world\nhello 0\nsockets 0\n", stderr: "" },
        );
      } else {
        assert.deepEqual({ status, stdout }, { status: 1, stdout: "" });
        assert.match(stderr, /^UnsupportedRuntime: Pollux needs JSPI here, which Node has since 24\.20 .*$/m);
      }
    });
  }
});
