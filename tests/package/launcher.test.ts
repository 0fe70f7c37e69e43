/** `pollux` as users get it: installed from a registry by npm, Bun and Deno, and run by each runtime. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { here } from "../../build/targets.ts";
import { version } from "../../src/cli/version.ts";
import { noTerminal, terminal } from "../cli/pty.ts";
import { guestFile } from "../e2e/host.ts";
import { ended, environment, must, type Place } from "./command.ts";
import { installInto, publishAll } from "./published.ts";
import type { Registry } from "./registry.ts";
import { bun, deno, type Node, nodeOf, nodes, notBuilt, once, root } from "./runtimes.ts";

const launcher = "node_modules/pollux/bin/pollux.cjs";

describe("pollux from a registry", { skip: notBuilt }, () => {
  const scratch = mkdtempSync(join(tmpdir(), "pollux-launcher-"));
  after(() => rmSync(scratch, { recursive: true }));
  /** A project with all that npm installs, one without the binary, and a folder with nothing. */
  const full = join(scratch, "full");
  const lean = join(scratch, "lean");
  const empty = join(scratch, "empty");
  const global = join(scratch, "global");

  let registry: Registry;
  const env = (node?: string) => environment(join(scratch, "home"), registry.url, node);
  before(async () => {
    mkdirSync(empty);
    registry = await publishAll(scratch);
    await installInto(full, env());
    await installInto(lean, env(), "--omit=optional");
  });
  after(() => registry[Symbol.asyncDispose]());

  /** A command that is Pollux: it says its version, and runs a guest with its streams and its status. */
  async function runsGuests(command: readonly string[], place: Place): Promise<void> {
    const run = (words: readonly string[], input = "") => ended([...command, ...words], place, input);
    assert.deepEqual(await run(["--version"]), { status: 0, stdout: `pollux ${version}\n`, stderr: "" });
    const cat = await run(["run", guestFile("cat")], "through and back\n");
    assert.deepEqual(cat, { status: 0, stdout: "through and back\n", stderr: "" });
    assert.deepEqual(await run([guestFile("exit"), "code", "7"]), { status: 7, stdout: "", stderr: "" });
  }

  for (const { major, path, skip } of nodes) {
    it(`npx pollux, on Node ${major}`, { skip }, () =>
      runsGuests(["npx", "--yes", `pollux@${version}`], { cwd: empty, env: env(path) }),
    );
  }

  it("bunx --bun pollux", async () => {
    const command = [bun, "x", "--bun", `pollux@${version}`];
    // The first time Bun tells of what it installs.
    await must([...command, "--version"], { cwd: empty, env: env() });
    await runsGuests(command, { cwd: empty, env: env() });
  });

  it("deno run -A npm:pollux", () =>
    runsGuests([deno, "run", "-A", "--quiet", "--minimum-dependency-age=0", `npm:pollux@${version}`], {
      cwd: empty,
      env: env(),
    }));

  it("npm install --global pollux: the command on each Node, and the man page", async () => {
    await must(["npm", "install", "--global", "--prefix", global, "pollux"], { cwd: empty, env: env() });
    for (const { path, skip } of nodes) {
      if (skip === false) await runsGuests([join(global, "bin/pollux")], { cwd: empty, env: env(path) });
    }
    assert.match(readFileSync(join(global, "share/man/man1/pollux.1"), "utf8"), /^\.TH POLLUX 1 /m);
  });

  it("npm installs the binary of this machine and C library alone", async () => {
    assert.deepEqual(readdirSync(join(full, "node_modules/@pollux")), [here]);
    assert.deepEqual(
      readdirSync(join(lean, "node_modules")).filter((name) => !name.startsWith(".")),
      ["pollux"],
    );
  });

  it("runs its own code, whatever the project says that its packages are", async () => {
    const names = ["consola/core", "smol-toml"];
    const paths = Object.fromEntries(names.map((name) => [name, ["./evil.cjs"]]));
    const project = {
      "evil.cjs": 'require("node:fs").writeSync(1, "evil\\n");',
      "tsconfig.json": JSON.stringify({ compilerOptions: { paths } }),
      "deno.json": JSON.stringify({ imports: Object.fromEntries(names.map((name) => [name, "./evil.cjs"])) }),
      ".env": "FROM_DOTENV=yes\n",
    };
    for (const [name, text] of Object.entries(project)) writeFileSync(join(full, name), text);
    const commands = [
      ["npx", "pollux"],
      [bun, "x", "--bun", "pollux"],
      [deno, "run", "-A", launcher],
      ...nodes.filter(({ skip }) => skip === false).map(({ path }) => [path, launcher]),
    ];
    try {
      for (const command of commands) {
        const place = { cwd: full, env: env() };
        const help = await ended([...command, "--help"], place);
        assert.match(help.stdout, /^pollux .*\n\nUsage:/, command.join(" "));
        const line = ["-v", "--env", "FROM_DOTENV", guestFile("args-env"), "--env-file=.env"];
        const { stdout, stderr } = await ended([...command, ...line], place);
        assert.equal(stdout, "arg args-env.wasm\narg --env-file=.env\n", command.join(" "));
        assert.match(stderr, /^pollux: debug: /, command.join(" "));
      }
    } finally {
      for (const name of Object.keys(project)) rmSync(join(full, name));
    }
  });

  for (const { major, path, skip } of nodes.slice(0, 2)) {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      it(`on Node ${major} dies by ${signal} as its binary does, and leaves nothing behind`, { skip }, async () => {
        const child = spawn(path, [launcher, "run", guestFile("cat")], { cwd: full, env: env() });
        await echoed(child, "ready\n");
        child.kill(signal);
        const [status, by] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
          child.on("close", (...end) => resolve(end));
        });
        // `close` comes when the last process that holds the launcher's output is gone.
        assert.deepEqual({ status, by }, { status: null, by: signal });
      });
    }
  }

  const alone: readonly (readonly [string, Node, readonly string[]])[] = [
    ["Node 24", nodeOf(24), []],
    ["a Node 24 that has JSPI behind a flag", nodeOf(24), ["--no-experimental-wasm-jspi"]],
    ["Node 26", nodeOf(26), []],
  ];
  for (const [name, { path, skip }, flags] of alone) {
    it(`runs on ${name} itself without the binary, and no warning of Node's is seen`, { skip }, () =>
      runsGuests([path, ...flags, launcher], { cwd: lean, env: env() }),
    );
  }

  it("says on a terminal what Node's own sockets lack, and what mends that", { skip: noTerminal }, () => {
    const shownOn = (major: number) =>
      terminal([nodeOf(major).path, join(lean, launcher), guestFile("hello")], []).shown;
    assert.match(
      shownOn(24),
      new RegExp(`^Note: Node 24\\..* no FFI, .* --dir, .*: npm i -D @pollux/${here}@${version}\nhello, world\n`),
    );
    assert.match(shownOn(26), /^hello, world\n/);
  });

  for (const major of [20, 22]) {
    const { path, skip } = nodeOf(major);
    it(`says in one sentence what to do on Node ${major} without the binary`, { skip }, async () => {
      const place = { cwd: lean, env: env() };
      const { status, stdout, stderr } = await ended([path, launcher, "--version"], place);
      assert.deepEqual({ status, stdout }, { status: 1, stdout: "" });
      const { version: node } = JSON.parse(
        await must([path, "-p", "JSON.stringify({ version: process.versions.node })"], place),
      );
      assert.equal(
        stderr,
        `Error: pollux has no binary for ${here} here, and Node ${node} cannot run guests itself: npm i -D @pollux/${here}@${version}\n`,
      );
    });
  }

  it("the command that it says mends it", { skip: nodeOf(20).skip }, async () => {
    const mended = join(scratch, "mended");
    await installInto(mended, env(), "--omit=optional");
    await must(["npm", "install", "--save-dev", `@pollux/${here}@${version}`], { cwd: mended, env: env() });
    await runsGuests([nodeOf(20).path, launcher], { cwd: mended, env: env() });
  });
});

/** The launcher, with scripts in the place of binaries. */
describe("the launcher", { skip: once || (process.platform !== "linux" && "what it finds is Linux's") }, () => {
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), "pollux-found-")));
  after(() => rmSync(scratch, { recursive: true }));
  const place = { cwd: scratch, env: environment(join(scratch, "home"), "http://127.0.0.1:1/") };

  /** A folder with the launcher as it is in a checkout, and scripts as the binaries of these packages. */
  function folderWith(name: string, scripts: Readonly<Record<string, string>>): string {
    const folder = join(scratch, name, "node_modules/pollux");
    mkdirSync(join(folder, "bin"), { recursive: true });
    for (const file of ["bin/pollux.cjs", "package.json"]) cpSync(join(root, file), join(folder, file));
    for (const [platform, script] of Object.entries(scripts)) {
      const at = join(scratch, name, "node_modules/@pollux", platform);
      mkdirSync(at, { recursive: true });
      writeFileSync(join(at, "pollux"), `#!/bin/sh\n${script}\n`);
      chmodSync(join(at, "pollux"), 0o755);
    }
    return join(folder, "bin/pollux.cjs");
  }

  const both = folderWith("both", { [here]: "echo glibc", [`${here}-musl`]: "echo musl" });
  const none = folderWith("none", {});
  // Sends the launcher one signal, and then another, which comes back whatever it does with the first: apart, for two at once may
  // change places. Ends with how many of the first came back before the second.
  const signalling = folderWith("signalling", {
    [here]: `exec ${nodeOf(26).path} -e '
      let interrupts = 0;
      process.on("SIGINT", () => interrupts++);
      process.on("SIGTERM", () => process.exit(interrupts));
      setInterval(() => {}, 60_000);
      process.kill(process.ppid, "SIGINT");
      setTimeout(() => process.kill(process.ppid, "SIGTERM"), 500);'`,
  });
  // A C library that this machine has not: its binary could not be started.
  const foreign = folderWith("foreign", { [`${here}-musl`]: "echo musl" });

  for (const { major, path, skip } of nodes) {
    it(`on Node ${major} takes the binary of this Node's C library`, { skip }, async () => {
      assert.deepEqual(await ended([path, both], place), { status: 0, stdout: "glibc\n", stderr: "" });
    });
  }

  it("does not hand on what a terminal sends to the binary, too", { skip: nodeOf(20).skip || noTerminal }, async () => {
    const command = [nodeOf(20).path, signalling];
    assert.equal(terminal(command, []).ended, "status 0");
    assert.equal((await ended(command, place)).status, 1);
  });

  const unbuilt = "Error: pollux is not built in this checkout: npm run build\n";
  const checkouts: readonly (readonly [string, readonly string[], string | false])[] = [
    ["Node 24", [nodeOf(24).path], nodeOf(24).skip],
    ["Node 26", [nodeOf(26).path], nodeOf(26).skip],
    ["Bun", [bun], false],
    ["Deno", [deno, "run", "-A"], false],
  ];
  for (const [name, command, skip] of checkouts) {
    it(`says on ${name} that dist is not built`, { skip }, async () => {
      assert.deepEqual(await ended([...command, none], place), { status: 1, stdout: "", stderr: unbuilt });
    });
  }

  const musl = existsSync("/lib/ld-musl-x86_64.so.1") && "this machine has musl's loader";
  it("leaves alone what this machine cannot start", { skip: nodeOf(26).skip || musl }, async () => {
    assert.deepEqual(await ended([nodeOf(26).path, foreign], place), { status: 1, stdout: "", stderr: unbuilt });
  });

  it("says on Node 20 what a checkout needs", { skip: nodeOf(20).skip }, async () => {
    const { status, stderr } = await ended([nodeOf(20).path, none], place);
    assert.equal(status, 1);
    assert.match(stderr, /^Error: pollux has no binary for .* itself: npm run build\n$/);
  });
});

/** Writes a line to the process and waits until it comes back. */
async function echoed(child: ChildProcess, text: string): Promise<void> {
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
