/** Core modules as processes: what is called, what they import, how they end, what they are handed. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { Client, listen } from "../client.ts";
import { guestFile, hosts, run } from "../host.ts";
import { goGuest, noGo } from "./go.ts";
import { chain, exit, memory, say, WASI, warning, write, writeModules } from "./wat.ts";

const noActivate: string | false =
  spawnSync("systemd-socket-activate", ["--version"]).error === undefined ? false : "no systemd-socket-activate";

const modules: Readonly<Record<string, string>> = {
  empty: "(module)",
  start: `(module ${write} ${memory} (func (export "_start") ${say}))`,
  default: `(module ${write} ${memory} (func (export "") ${say}) (func (export "_start") unreachable))`,
  reactor: `(module ${write} ${memory} (global $ready (mut i32) (i32.const 0))
    (func (export "_initialize") ${say} (global.set $ready (i32.const 42)))
    (func (export "answer") (result i32) (global.get $ready)))`,
  add: `(module (func (export "all") (param i32 i64 f32 f64) (result i32 i64 f32 f64)
      (local.get 0) (local.get 1) (local.get 2) (local.get 3))
    (func (export "nothing") (result funcref externref) (ref.null func) (ref.null extern))
    (memory (export "memory") 0))`,
  exit: `(module ${exit} (memory (export "memory") 0) (func (export "_start") (call $exit (i32.const 7))))`,
  "exit-126": `(module ${exit} (memory (export "memory") 0) (func (export "_start") (call $exit (i32.const 126))))`,
  "no-memory": `(module ${exit} (import "${WASI}" "sched_yield" (func $yield (result i32)))
    (func (export "yield") (result i32) (call $yield)) (func (export "exit") (call $exit (i32.const 0)))
    (memory 1) (func (export "memory")))`,
  trap: '(module (func (export "_start") unreachable))',
  unknown: '(module (import "env" "foo" (func)))',
  mistyped: `(module (import "${WASI}" "fd_write" (func (param i32))))`,
  // wasi_unstable counts `whence` from cur; 2 is set there. stdin cannot seek: ESPIPE is 70. sock_accept is not there.
  unstable: `(module (import "wasi_unstable" "fd_seek" (func $seek (param i32 i64 i32 i32) (result i32)))
    (import "wasi_unstable" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    ;; One subscription of 56 bytes: a relative clock, its id at 24, its timeout at 32.
    (data (i32.const 64) "\\2a\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\01")
    (func (export "seek") (result i32) (call $seek (i32.const 0) (i64.const 0) (i32.const 2) (i32.const 0)))
    (func (export "poll") (result i32 i64)
      (call $poll (i32.const 64) (i32.const 256) (i32.const 1) (i32.const 8)) (i64.load (i32.const 256))))`,
  random: `(module (import "${WASI}" "random_get" (func $random (param i32 i32) (result i32))) (memory (export "memory") 1)
    (func (export "get") (param i32) (result i32) (call $random (i32.const 0) (local.get 0))))`,
  // Vectors of one byte at 64, and as many subscriptions to a relative clock as there is room for.
  fuel: `(module ${write} (import "${WASI}" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1) (data (i32.const 64) "\\10\\00\\00\\00\\01\\00\\00\\00\\10\\00\\00\\00\\01\\00\\00\\00")
    (func (export "write") (param i32) (result i32) (call $write (i32.const 1) (i32.const 64) (local.get 0) (i32.const 8)))
    (func (export "poll") (param i32) (result i32)
      (call $poll (i32.const 1024) (i32.const 8192) (local.get 0) (i32.const 8))))`,
  memory: `(module (memory 1) (table 1 funcref)
    (func (export "grow") (result i32 i32) (memory.grow (i32.const 1)) (table.grow 0 (ref.null func) (i32.const 1))))`,
  "unstable-accept": '(module (import "wasi_unstable" "sock_accept" (func (param i32 i32 i32) (result i32))))',
};

describe("core modules", () => {
  let folder: string;
  const file = (name: string) => join(folder, `${name}.wasm`);
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "pollux-modules-"));
    await writeModules(folder, modules);
  });
  after(() => rmSync(folder, { recursive: true }));

  const both = warning("takes arguments") + warning("returns values");
  const failed = (name: string, ...causes: readonly string[]) =>
    chain(`failed to run main module \`${file(name)}\``, causes);

  /** Name, flags, arguments; status, stdout, stderr (a function where it names the file). As wasmtime 48.0.8 has it. */
  const cases: readonly (readonly [
    string,
    readonly string[],
    readonly string[],
    number,
    string,
    string | RegExp | (() => string),
  ])[] = [
    ["empty", [], [], 0, "", ""],
    ["start", ["-Spreview2=n"], [], 0, "abc\n", ""],
    ["start", ["-Sinherit-stdout=n"], [], 0, "", ""],
    ["default", [], [], 0, "abc\n", ""],
    ["reactor", [], [], 0, "abc\n", ""],
    ["reactor", ["--invoke", "answer"], [], 0, "abc\n42\n", warning("returns values")],
    [
      "reactor",
      ["--invoke", "nope"],
      [],
      1,
      "abc\n",
      () => `${failed("reactor", "no func export named `nope` found")}hint: there is \`_initialize\`, \`answer\`\n`,
    ],
    [
      "add",
      ["--invoke", "memory"],
      [],
      1,
      "",
      () => `${failed("add", "no func export named `memory` found")}hint: there is \`all\`, \`nothing\`\n`,
    ],
    ["add", ["--invoke", "all"], ["-1", "0x10", "1.1", "-2e300"], 0, `-1\n16\n1.1\n-2${"0".repeat(300)}\n`, both],
    [
      "add",
      ["--invoke", "all"],
      ["1", "2", "3"],
      1,
      "",
      () => warning("takes arguments") + failed("add", "not enough arguments for `all`"),
    ],
    [
      "add",
      ["--invoke", "all"],
      ["x", "2", "3", "4"],
      1,
      "",
      () => warning("takes arguments") + failed("add", "invalid digit found in string"),
    ],
    ["add", ["--invoke", "nothing"], [], 0, "<null funcref>\n<null externref>\n", warning("returns values")],
    ["exit", [], [], 7, "", ""],
    ["exit-126", [], [], 1, "", /exit with invalid exit status outside of \[0\.\.126\)\n\n$/],
    ["no-memory", [], [], 0, "", ""],
    ["no-memory", ["--invoke", "yield"], [], 1, "", /: missing required memory export\n\n$/],
    ["no-memory", ["--invoke", "exit"], [], 1, "", /: missing required memory export\n\n$/],
    [
      "trap",
      [],
      [],
      134,
      "",
      /^Error: failed to run main module `.*`\n\nCaused by:\n {4}0: failed to invoke command default\n[\s\S]* {4}2: wasm trap: wasm `unreachable` instruction executed\n\n$/,
    ],
    [
      "unknown",
      [],
      [],
      1,
      "",
      () =>
        failed(
          "unknown",
          `failed to instantiate "${file("unknown")}"`,
          "unknown import: `env::foo` has not been defined",
        ),
    ],
    [
      "mistyped",
      [],
      [],
      1,
      "",
      () =>
        failed(
          "mistyped",
          `failed to instantiate "${file("mistyped")}"`,
          `incompatible import type for \`${WASI}::fd_write\``,
          "types incompatible: expected type `(func (param i32))`, found type `(func (param i32 i32 i32 i32) (result i32))`",
        ),
    ],
    ["random", ["-Smax-random-size=100", "--invoke", "get"], ["100"], 0, "0\n", both],
    [
      "random",
      ["-Smax-random-size=100", "--invoke", "get"],
      ["101"],
      1,
      "",
      /requested len 101 exceeds limit 100\n\n$/,
    ],
    ["fuel", ["-Shostcall-fuel=18", "--invoke", "write"], ["2"], 0, "\0\x000\n", both],
    ["fuel", ["-Shostcall-fuel=17", "--invoke", "write"], ["2"], 0, "\x000\n", both],
    ["fuel", ["-Shostcall-fuel=16", "--invoke", "write"], ["2"], 0, "48\n", both],
    ["fuel", ["-Shostcall-fuel=128", "--invoke", "poll"], ["2"], 0, "0\n", both],
    ["fuel", ["-Shostcall-fuel=127", "--invoke", "poll"], ["2"], 0, "48\n", both],
    ["fuel", ["-Smax-resources=7", "--invoke", "poll"], ["2"], 0, "0\n", both],
    ["fuel", ["-Smax-resources=6", "--invoke", "poll"], ["2"], 1, "", /resource table has no free keys\n\n$/],
    ["memory", ["--invoke", "grow"], [], 0, "1\n1\n", warning("returns values")],
    [
      "memory",
      ["-Wmax-memory-size=65536,max-table-elements=1", "--invoke", "grow"],
      [],
      0,
      "-1\n-1\n",
      warning("returns values"),
    ],
    [
      "memory",
      ["-Wmax-memory-size=65535"],
      [],
      1,
      "",
      () =>
        failed(
          "memory",
          `failed to instantiate "${file("memory")}"`,
          "memory minimum size of 1 pages exceeds memory limits",
        ),
    ],
    ["unstable", ["--invoke", "seek"], [], 0, "70\n", warning("returns values")],
    ["unstable", ["--invoke", "poll"], [], 0, "0\n42\n", warning("returns values")],
    ["unstable", ["-Spreview0=n"], [], 1, "", /unknown import: `wasi_unstable::fd_seek` has not been defined\n\n$/],
    ["unstable-accept", [], [], 1, "", /unknown import: `wasi_unstable::sock_accept` has not been defined\n\n$/],
  ];

  for (const host of hosts) {
    describe(`on ${host.name}`, { skip: host.skip }, () => {
      for (const [name, flags, args, status, stdout, stderr] of cases) {
        it([name, ...flags, ...args].join(" "), async () => {
          const outcome = await run(host, file(name), { flags, args });
          if (stderr instanceof RegExp) assert.match(outcome.stderr, stderr);
          else assert.equal(outcome.stderr, typeof stderr === "string" ? stderr : stderr());
          assert.equal(outcome.stdout.toString(), stdout);
          assert.equal(outcome.status, status);
        });
      }

      it("a component takes no listeners, but their addresses are bound first, as in wasmtime", async () => {
        const refuse = async (flag: string, text: string) => {
          const { status, stderr } = await run(host, guestFile("hello"), { flags: [flag] });
          assert.deepEqual([stderr, status], [text, 1]);
        };
        const { server, port } = await listen();
        await refuse("-Stcplisten=127.0.0.1:0", "Error: components do not support --tcplisten\n");
        await refuse(
          `-Stcplisten=127.0.0.1:${port}`,
          `Error: failed to bind to address '127.0.0.1:${port}'\n\nCaused by:\n    Address already in use (os error 98)\n\n`,
        );
        await refuse(
          "-Stcplisten=9999",
          "Error: failed to bind to address '9999'\n\nCaused by:\n    expected ADDRESS:PORT, such as 127.0.0.1:9999\n\n",
        );
        await refuse("-Slistenfd", "Error: components do not support --listenfd\n");
        server.close();
      });

      it("socket activation hands listeners over", { skip: noActivate || noGo }, async () => {
        const { server, port } = await listen();
        server.close();
        const command = [...host.command, "run", "--listenfd", goGuest("tcpecho")];
        const passed = ["PATH", "HOME"].map((name) => `--setenv=${name}=${process.env[name]}`);
        const child = spawn("systemd-socket-activate", [`--listen=127.0.0.1:${port}`, ...passed, ...command], {
          stdio: ["ignore", "ignore", "pipe"],
        });
        try {
          // It says so when it listens, and starts the program when the first client comes.
          await once(child.stderr, "data");
          const client = await Client.dial(port);
          await client.send("hello");
          assert.equal((await client.read(5)).toString(), "hello");
          client.close();
        } finally {
          child.kill("SIGKILL");
        }
      });
    });
  }
});
