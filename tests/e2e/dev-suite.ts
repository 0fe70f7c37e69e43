/** `pollux dev` on every host: a build that copies the guest whose name stands in a file. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { Client, freePort } from "./client.ts";
import { type Guest, guestFile, type Host } from "./host.ts";
import { Folder } from "./projects.ts";
import { interrupted, times } from "./watched.ts";

const guests = dirname(guestFile("hello"));

/** Fails where there is no such guest. */
const BUILD = `cp '${guests}'/$(cat source).wasm app.wasm`;

const listening = "listening on 127\\.0\\.0\\.1:\\d+";
const waiting = /^pollux: the build failed with status 1: waiting for a change$/m;

function settings(more: string): string {
  return `[dev]\nbuild = """${BUILD}"""\n${more}\n`;
}

async function echoes(port: number): Promise<void> {
  const client = await Client.dial(port);
  await client.send("hello");
  assert.equal((await client.read(5)).toString(), "hello");
  client.close();
}

function isGone(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.startsWith("Z");
  } catch (error) {
    assert.ok(error instanceof Error && "code" in error && error.code === "ENOENT");
    return true;
  }
}

/** A process that was sent a signal has ended when the kernel gets to it. */
async function gone(pid: number): Promise<boolean> {
  for (const deadline = performance.now() + 5000; performance.now() < deadline; await setTimeout(5))
    if (isGone(pid)) return true;
  return false;
}

export function devSuite(hosts: readonly Host[]): void {
  for (const host of hosts) {
    describe(`pollux dev on ${host.name}`, { skip: host.skip }, () => {
      const dev = (folder: Folder, ...words: readonly string[]): Guest => folder.pollux(host, ["dev", ...words]);

      it("builds and runs, and again when a source changes; a build that fails leaves the guest alone", async () => {
        const port = await freePort();
        const options = `options = ["-Sinherit-network"]\nargs = ["127.0.0.1:${port}", "--no-ticks"]`;
        const folder = new Folder({ source: "tcpecho", "pollux.toml": settings(options) });
        await using guest = dev(folder);
        await guest.waitFor(times(1, listening));
        await echoes(port);
        folder.write("source", "none");
        await guest.waitFor(waiting, "stderr");
        assert.match(
          guest.stderr,
          /^pollux: source has changed\npollux: cp .*\n.*none\.wasm.*\npollux: the build failed/m,
        );
        await echoes(port);
        folder.write("source", "tcpecho");
        await guest.waitFor(/^pollux: the build made nothing new$/m, "stderr");
        folder.write("source", "args-env");
        await guest.waitFor(/^arg --no-ticks$/m);
        // It has ended, and the port is kept for the next one.
        const early = await Client.dial(port);
        await early.send("hello");
        folder.write("source", "tcpecho");
        assert.equal((await early.read(5)).toString(), "hello");
        early.close();
        await interrupted(guest);
      });

      it("serves a component that handles requests", async () => {
        const port = await freePort();
        const folder = new Folder({ source: "none" });
        await using guest = dev(folder, `--build=${BUILD}`, `--addr=127.0.0.1:${port}`);
        await guest.waitFor(waiting, "stderr");
        folder.write("source", "http/serve-hello");
        await guest.waitFor(/Serving HTTP on/, "stderr");
        const response = await fetch(`http://127.0.0.1:${port}/`);
        assert.equal(await response.text(), "Hello, World!\n");
        guest.kill("SIGINT");
        assert.equal((await guest.outcome()).status, 0);
      });
    });
  }
}

/** What is the same whatever the host. */
export function devDetailSuite(host: Host): void {
  describe(`pollux dev on ${host.name}, in detail`, { skip: host.skip }, () => {
    const dev = (folder: Folder, ...words: readonly string[]): Guest => folder.pollux(host, ["dev", ...words]);

    it("runs one build at a time, and one more for all that changed meanwhile", async () => {
      const folder = new Folder({ source: "hello", "build/log": "" });
      const gate = join(folder.path, "build/gate");
      assert.equal(spawnSync("mkfifo", [gate]).status, 0);
      // It waits at the gate until somebody has opened that, and closed it.
      const build = `echo start >> build/log; cat build/gate; ${BUILD}; echo end >> build/log`;
      await using guest = dev(folder, `--build=${build}`, "app.wasm", "one", "two");
      await (await open(gate, "w")).close();
      await guest.waitFor(times(1, "hello, world"));
      folder.write("source", "exit");
      const waits = await open(gate, "w");
      for (const name of ["trap", "args-env", "exit"]) folder.write("source", name);
      await waits.close();
      await guest.waitFor(times(2, "pollux: source has changed"), "stderr");
      await (await open(gate, "w")).close();
      // What ends is run again by every build, be it the same.
      await guest.waitFor(times(3, "pollux: app\\.wasm ended with status 0: waiting for it to change"), "stderr");
      folder.write("source", "args-env");
      await guest.waitFor(times(3, "pollux: source has changed"), "stderr");
      await (await open(gate, "w")).close();
      await guest.waitFor(/^arg app\.wasm\narg one\narg two$/m);
      assert.equal(readFileSync(join(folder.path, "build/log"), "utf8"), "start\nend\n".repeat(4));
      await interrupted(guest);
    });

    it("reads pollux.toml again: what is wrong with it is told and the guest goes on, another option has it run anew", async () => {
      const port = await freePort();
      const options = `options = ["-Sinherit-network"]\nargs = ["127.0.0.1:${port}", "--no-ticks"]`;
      const folder = new Folder({ source: "tcpecho", "pollux.toml": settings(options) });
      await using guest = dev(folder);
      await guest.waitFor(times(1, listening));
      folder.write("pollux.toml", "[dev]\nbuild =\n");
      await guest.waitFor(/^Error: failed to parse pollux\.toml\n[\s\S]*^pollux: waiting for a change$/m, "stderr");
      await echoes(port);
      const other = await freePort();
      folder.write("pollux.toml", settings(options.replace(String(port), String(other))));
      await guest.waitFor(times(2, listening));
      await echoes(other);
      await interrupted(guest);
    });

    it("ends a build with all its processes on Ctrl-C, the first one and a later one", async () => {
      for (const first of ["stuck", "hello"]) {
        const build = `if [ "$(cat source)" = stuck ]; then sleep 600 & echo pid $! >&2; wait; fi; ${BUILD}`;
        const folder = new Folder({ source: first });
        await using guest = dev(folder, `--build=${build}`);
        if (first !== "stuck") await guest.waitFor(times(1, "hello, world"));
        folder.write("source", "stuck");
        const [, pid] = await guest.waitFor(/^pid (\d+)$/m, "stderr");
        await interrupted(guest);
        assert.ok(await gone(Number(pid)), `${pid} is there`);
      }
    });

    const refusals: readonly (readonly [
      what: string,
      files: Readonly<Record<string, string>>,
      words: readonly string[],
      said: RegExp,
    ])[] = [
      ["a folder that says nothing", {}, [], /^Error: nothing here says how to build it \(Cargo\.toml, go\.mod, .*\n$/],
      [
        "a build that writes nothing",
        { source: "" },
        ["--build=true"],
        /\nError: the build wrote no \.wasm here: .*\n$/,
      ],
      [
        "a build that writes another file",
        { source: "hello" },
        [`--build=${BUILD}`, "other.wasm"],
        /\nError: the build wrote no other\.wasm\n\nCaused by:\n {4}No such file or directory \(os error 2\)\n/,
      ],
      [
        "an option of the other command",
        { source: "hello" },
        [`--build=${BUILD}`, "--addr=127.0.0.1:0"],
        /\nError: --addr is an option of `pollux serve`: app\.wasm is no server\n$/,
      ],
      [
        "an option of the other command, for a server",
        { source: "http/serve-hello" },
        [`--build=${BUILD}`, "--argv0=x"],
        /\nError: --argv0 is an option of `pollux run`: app\.wasm is a server\n$/,
      ],
      ["a table that is not there", { "pollux.toml": "[wasi]\n" }, [], /unknown field `wasi`, expected `dev`/],
      [
        "a wrong key",
        { "pollux.toml": '[dev]\nargz = ["x"]\n' },
        [],
        /2 \| argz = [\s\S]*unknown field `argz`, expected one of `build`/,
      ],
      ["a wrong type", { "pollux.toml": "[dev]\nargs = [1]\n" }, [], /expected an array of strings/],
      ["a wrong option", { "pollux.toml": '[dev]\noptions = ["--frob"]\n' }, [], /unexpected argument '--frob' found/],
      ["a file among the options", { "pollux.toml": '[dev]\noptions = ["x.wasm"]\n' }, [], /x\.wasm is no option/],
    ];
    for (const [what, files, words, said] of refusals) {
      it(`refuses ${what}`, async () => {
        await using guest = dev(new Folder(files), ...words);
        const { status, stderr } = await guest.outcome();
        assert.match(stderr, said);
        assert.equal(status, 1);
        assert.doesNotMatch(stderr, /^\s+at /m);
      });
    }
  });
}
