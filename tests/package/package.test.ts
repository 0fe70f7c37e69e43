/** The npm package as a user gets it: packed, installed from the tarballs into an empty folder, and run by each runtime. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { version } from "../../src/cli/version.ts";
import { guestFile } from "../e2e/host.ts";

const root = join(import.meta.dirname, "../..");
const bin = (name: string) => join(root, "node_modules/.bin", name);

const node = process.versions["bun"] === undefined && process.versions["deno"] === undefined;
const built = existsSync(join(root, "dist/pollux")) && existsSync(join(root, "dist/npm/bin/node/node.js"));
const skip = !node
  ? "once is enough: on Node, it runs Bun and Deno too"
  : !built && "no dist/pollux and dist/npm: npm run build makes them";

/** A Node without FFI. */
const node24 = join(root, "node_modules/node24/bin/node");

/** A Node that cannot suspend a guest, if the machine has one: the first on PATH that is not the workspace's. */
const oldNode = (process.env["PATH"] ?? "")
  .split(delimiter)
  .filter((dir) => dir !== "" && !dir.includes("node_modules"))
  .map((dir) => join(dir, "node"))
  .find((path) => existsSync(path) && /^v2[0-3]\./.test(spawnSync(path, ["--version"], { encoding: "utf8" }).stdout));
const noOldNode = oldNode === undefined && "no Node 20 to 23 on PATH";

describe("the npm package", { skip }, () => {
  const scratch = mkdtempSync(join(tmpdir(), "pollux-package-"));
  after(() => rmSync(scratch, { recursive: true }));
  /** With the platform's package, and without one. */
  const full = join(scratch, "full");
  const lean = join(scratch, "lean");

  before(() => {
    must(bin("bun"), ["build.ts", "packages"], root);
    for (const name of readdirSync(join(root, "dist/packages"))) {
      must("npm", ["pack", "--silent", "--pack-destination", scratch], join(root, "dist/packages", name));
    }
    const platform = `pollux-${process.platform}-${process.arch}-${version}.tgz`;
    install(full, [`../pollux-${version}.tgz`, `../${platform}`]);
    install(lean, [`../pollux-${version}.tgz`]);
  });

  const launchers: readonly (readonly [string, () => readonly string[], string | false])[] = [
    ["npx pollux", () => ["npx", "--no-install", "pollux"], false],
    ["bunx --bun pollux", () => [bin("bun"), "x", "--bun", "--no-install", "pollux"], false],
    ["deno run -A", () => [bin("deno"), "run", "-A", "node_modules/pollux/bin/pollux.js"], false],
    ["Node 26", () => [bin("node"), "node_modules/pollux/bin/pollux.js"], false],
    ["Node 24", () => [node24, "node_modules/pollux/bin/pollux.js"], false],
    ["an older Node", () => [oldNode!, "node_modules/pollux/bin/pollux.js"], noOldNode],
  ];
  for (const [name, command, skipped] of launchers) {
    it(`runs by ${name}: the version, a guest, its streams, its status`, { skip: skipped }, () => {
      assert.deepEqual(ended(command(), ["--version"], full), { status: 0, stdout: `pollux ${version}\n`, stderr: "" });
      const cat = ended(command(), ["run", guestFile("cat")], full, "through and back\n");
      assert.deepEqual(cat, { status: 0, stdout: "through and back\n", stderr: "" });
      assert.deepEqual(ended(command(), [guestFile("exit"), "code", "7"], full), { status: 7, stdout: "", stderr: "" });
    });
  }

  it("runs its own packages, whatever the project says that these are", () => {
    const names = ["consola/core", "smol-toml"];
    const paths = Object.fromEntries(names.map((name) => [name, ["./evil.cjs"]]));
    const project = {
      "evil.cjs": 'require("node:fs").writeSync(1, "evil\\n");',
      "tsconfig.json": JSON.stringify({ compilerOptions: { paths } }),
      "deno.json": JSON.stringify({ imports: Object.fromEntries(names.map((name) => [name, "./evil.cjs"])) }),
      ".env": "FROM_DOTENV=yes\n",
    };
    for (const [name, text] of Object.entries(project)) writeFileSync(join(full, name), text);
    try {
      for (const [name, command, skipped] of launchers) {
        if (skipped !== false) continue;
        const help = ended(command(), ["--help"], full);
        assert.match(help.stdout, /^pollux\/.*\n\nUsage:/, name);
        const line = ["-v", "--env", "FROM_DOTENV", guestFile("args-env"), "--env-file=.env"];
        const { stdout, stderr } = ended(command(), line, full);
        assert.equal(stdout, "arg args-env.wasm\narg --env-file=.env\n", name);
        assert.match(stderr, /^pollux: debug: /, name);
      }
    } finally {
      for (const name of Object.keys(project)) rmSync(join(full, name));
    }
  });

  it("runs on Node 26 without the binary, and no warning of Node's is seen", () => {
    const command = [bin("node"), "node_modules/pollux/bin/pollux.js"];
    assert.deepEqual(ended(command, [guestFile("hello")], lean), { status: 0, stdout: "hello, world\n", stderr: "" });
  });

  it("runs on Node 24 without the binary, on Node's own sockets", () => {
    const command = [node24, "node_modules/pollux/bin/pollux.js"];
    assert.deepEqual(ended(command, [guestFile("hello")], lean), { status: 0, stdout: "hello, world\n", stderr: "" });
    const cat = ended(command, ["run", guestFile("cat")], lean, "through and back\n");
    assert.deepEqual(cat, { status: 0, stdout: "through and back\n", stderr: "" });
  });

  it("says in one sentence what to do on an older Node without the binary", { skip: noOldNode }, () => {
    const { status, stdout, stderr } = ended([oldNode!, "node_modules/pollux/bin/pollux.js"], ["--version"], lean);
    assert.deepEqual({ status, stdout }, { status: 1, stdout: "" });
    assert.match(stderr, /^Error: pollux has no binary for .*Node >= 24\.20.*\n$/);
    const command = [oldNode!, "node_modules/pollux/dist/npm/bin/node/node.js"];
    const run = ended(command, [guestFile("hello")], lean);
    assert.deepEqual({ ...run, stderr: "" }, { status: 1, stdout: "", stderr: "" });
    assert.match(run.stderr, /^Error: Pollux needs JSPI here, .*\n$/);
  });

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it(`dies by ${signal} as its binary does, and leaves nothing behind`, { skip: noOldNode }, async () => {
      const launcher = spawn(oldNode!, ["node_modules/pollux/bin/pollux.js", "run", guestFile("cat")], { cwd: full });
      await line(launcher, "ready\n");
      launcher.kill(signal);
      const [status, by] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
        launcher.on("close", (...end) => resolve(end));
      });
      // `close` comes when the last process that holds the launcher's output is gone.
      assert.deepEqual({ status, by }, { status: null, by: signal });
    });
  }

  it("has the types and the code that its exports name", () => {
    const manifest: { exports: Record<string, string | Record<string, string>> } = JSON.parse(
      readFileSync(join(lean, "node_modules/pollux/package.json"), "utf8"),
    );
    for (const target of Object.values(manifest.exports)) {
      for (const path of typeof target === "string" ? [target] : Object.values(target)) {
        assert.ok(existsSync(join(lean, "node_modules/pollux", path)), path);
      }
    }
  });

  const programs: readonly (readonly [string, readonly string[]])[] = [
    ["Node 26", [bin("node")]],
    ["Bun", [bin("bun")]],
    ["Deno", [bin("deno"), "run", "-A"]],
  ];
  for (const [name, command] of programs) {
    it(`is a library on ${name}: run and instantiate`, () => {
      writeFileSync(
        join(lean, "program.mjs"),
        `import { instantiate, LinkError, run } from "pollux";
        const file = new URL(${JSON.stringify(pathToFileURL(guestFile("hello")).href)});
        const { exitCode } = await run(file, { stdout: "inherit", limits: { resources: 100 } });
        const wait = new URL(${JSON.stringify(pathToFileURL(guestFile("behaviour/tcp-streams")).href)});
        const waited = await run(wait, { wait: "suspending", network: { allow: ["127.0.0.1:*", "[::1]:*"] } });
        if (waited.exitCode !== 0) console.log("waited", waited.exitCode);
        const missing = await instantiate(file, {}).catch((error) => error);
        console.log(exitCode, missing instanceof LinkError, missing.code);`,
      );
      assert.deepEqual(ended(command, ["program.mjs"], lean), {
        status: 0,
        stdout: "hello, world\n0 true link-error\n",
        stderr: "",
      });
    });
  }

  it("names a package for each platform, which npm may leave out", () => {
    const read = (path: string) => JSON.parse(readFileSync(join(root, "dist/packages", path, "package.json"), "utf8"));
    const { optionalDependencies, devDependencies, scripts } = read("pollux");
    const here = `${process.platform}-${process.arch}`;
    assert.equal(optionalDependencies[`@pollux/${here}`], version);
    assert.deepEqual({ devDependencies, scripts }, { devDependencies: undefined, scripts: undefined });
    assert.deepEqual({ os: read(here).os, cpu: read(here).cpu }, { os: [process.platform], cpu: [process.arch] });
  });
});

/** An empty project with these packages. */
function install(dir: string, tarballs: readonly string[]): void {
  mkdirSync(dir);
  writeFileSync(join(dir, "package.json"), JSON.stringify({ private: true }));
  must("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", ...tarballs], dir);
}

function must(command: string, args: readonly string[], cwd: string): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8", timeout: 300_000 });
  if (error) throw error;
  assert.equal(status, 0, `${command} ${args.join(" ")}: ${stdout}${stderr}`);
}

function ended([program, ...first]: readonly string[], args: readonly string[], cwd: string, input = "") {
  const options = { cwd, input, encoding: "utf8", timeout: 60_000, env: quietEnv() } as const;
  const { error, status, stdout, stderr } = spawnSync(program!, [...first, ...args], options);
  if (error) throw error;
  return { status, stdout, stderr };
}

/** What npm says of its own settings is not Pollux's. */
function quietEnv(): NodeJS.ProcessEnv {
  return { ...process.env, NO_COLOR: "1", npm_config_loglevel: "error", NODE_TEST_CONTEXT: undefined };
}

/** Writes a line to the process and waits until it comes back. */
async function line(child: ChildProcess, text: string): Promise<void> {
  let seen = "";
  await new Promise<void>((resolve, reject) => {
    child.on("close", () => reject(new Error(`ended after ${JSON.stringify(seen)}`)));
    child.stdout!.on("data", (chunk: Buffer) => {
      seen += chunk.toString();
      if (seen === text) resolve();
    });
    child.stdin!.write(text);
  });
}
