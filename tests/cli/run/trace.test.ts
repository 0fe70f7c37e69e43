/** `run --trace`: real guests' traces on the runtime that runs this test. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { Client } from "../../e2e/client.ts";
import { guestFile, type Host, hosts, NETWORK, start } from "../../e2e/host.ts";
import { textGuest } from "../here.ts";

const runtime = process.versions["bun"] ? "bun" : process.versions["deno"] ? "deno" : "node";
const here = hosts.filter(({ name }) => name === runtime || (runtime === "node" && name === "binary"));

const scratch = mkdtempSync(join(tmpdir(), "pollux trace é "));
after(() => rmSync(scratch, { recursive: true }));

let waiter = "";
before(async () => {
  waiter = await textGuest(
    scratch,
    "waiter",
    `(module (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1) (data (i32.const 0) "\\10\\00\\00\\00\\08\\00\\00\\00")
      (func (export "_start") (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))))`,
  );
});

function pollux(host: Host, args: readonly string[], input = "") {
  const [program, ...first] = host.command;
  const { error, status, stdout, stderr } = spawnSync(program!, [...first, "run", ...args], {
    encoding: "utf8",
    timeout: 60_000,
    input,
  });
  if (error) throw error;
  return { status, stdout, stderr };
}

/** Without its times. */
function timeless(lines: string): string[] {
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.replace(/^ *\d+\.\d{6} /, "").replace(/ <\d+\.\d{6}>$/, ""));
}

const catCalls = [
  "cli/stdin get-stdin() = input-stream#1",
  "cli/stdout get-stdout() = output-stream#1",
  'io/streams input-stream#1.blocking-read(65536) = "hi\\n" (3 bytes)',
  'io/streams output-stream#1.blocking-write-and-flush("hi\\n" (3 bytes)) = ok',
  "io/streams input-stream#1.blocking-read(65536) = err closed",
];

for (const host of here) {
  describe(`--trace on ${host.name}`, { skip: host.skip }, () => {
    it("a line a call on stderr, stdout untouched", () => {
      const { status, stdout, stderr } = pollux(host, ["--trace", guestFile("cat")], "hi\n");
      assert.deepEqual({ status, stdout, calls: timeless(stderr) }, { status: 0, stdout: "hi\n", calls: catCalls });
    });

    it("the same from a guest that is suspended while it waits", () => {
      const { stdout, stderr } = pollux(host, ["--trace", "--wait=suspending", guestFile("cat")], "hi\n");
      assert.deepEqual({ stdout, calls: timeless(stderr) }, { stdout: "hi\n", calls: catCalls });
    });

    it("shows what the filter says, to a file", () => {
      const file = join(scratch, `${host.name} filter`);
      const args = ["--trace=io,!cli", "--trace-file", file, guestFile("cat")];
      assert.deepEqual(pollux(host, args, "hi\n"), { status: 0, stdout: "hi\n", stderr: "" });
      assert.deepEqual(timeless(readFileSync(file, "utf8")), catCalls.slice(2));
    });

    it("--trace-file alone is a trace", () => {
      const file = join(scratch, `${host.name} alone`);
      pollux(host, ["--trace-file", file, guestFile("hello")]);
      assert.match(
        readFileSync(file, "utf8"),
        /^ +\d\.\d{6} cli\/stdout get-stdout\(\) = output-stream#1 <\d\.\d{6}>\n/,
      );
    });

    it("a word that names nothing is told of", () => {
      const { status, stderr } = pollux(host, ["--trace=scokets", guestFile("hello")]);
      assert.equal(status, 0);
      assert.match(stderr, /^pollux: --trace: the guest imports nothing of `scokets`; it imports .*io\/streams.*\n$/);
    });

    it("JSON lines", () => {
      const { stderr } = pollux(host, ["--trace=json", guestFile("hello")]);
      const calls = stderr
        .trimEnd()
        .split("\n")
        .map((line): Record<string, unknown> => JSON.parse(line));
      for (const { time, duration } of calls) assert.ok(typeof time === "number" && typeof duration === "number");
      assert.deepEqual(
        calls.map(({ interface: name, function: called, args, ok }) => [name, called, args, ok]),
        [
          ["wasi:cli/stdout@0.2.12", "get-stdout", {}, "output-stream#1"],
          [
            "wasi:io/streams@0.2.12",
            "[method]output-stream.blocking-write-and-flush",
            { self: "output-stream#1", contents: { bytes: 13, preview: "hello, world\\n" } },
            null,
          ],
        ],
      );
    });

    for (const wait of ["blocking", "suspending"]) {
      it(`a call that waits stands there while it does: ${wait}`, async () => {
        const flags = [`--wait=${wait}`, "--trace=io/poll", ...NETWORK];
        await using guest = start(host, guestFile("tcpecho"), { flags, args: ["127.0.0.1:0", "--no-ticks"] });
        await guest.waitFor(/^ +\d+\.\d{6} io\/poll poll\(\[pollable#1\]\)$(?![\s\S])/m, "stderr");
        const [, port] = await guest.waitFor(/:(\d+)\n/);
        (await Client.dial(Number(port))).close();
        await guest.waitFor(/poll\(\[pollable#1\]\) = \[0\] <\d+\.\d{6}>\n/, "stderr");
      });

      it(`JSON lines: a call that waits has a line of its own before: ${wait}`, async () => {
        const flags = [`--wait=${wait}`, "--trace=json,io/poll", ...NETWORK];
        await using guest = start(host, guestFile("tcpecho"), { flags, args: ["127.0.0.1:0", "--no-ticks"] });
        const [line] = await guest.waitFor(/^.*"waits":true}$/m, "stderr");
        const { args, function: called, ok }: Record<string, unknown> = JSON.parse(line);
        assert.deepEqual([called, args, ok], ["poll", { in: ["pollable#1"] }, undefined]);
      });
    }

    it("core modules: a call that waits stands there while it does", async () => {
      const flags = ["--trace=fd"];
      await using guest = start(host, waiter, { flags });
      await guest.waitFor(/ fd_read\(0, \d+ bytes\)$(?![\s\S])/m, "stderr");
      guest.input("abc");
      await guest.waitFor(/ fd_read\(0, \d+ bytes\) = \{nread: 3\} </, "stderr");
    });

    it("Chrome's format: an array, waits that begin and end, the result", () => {
      const file = join(scratch, `${host.name} chrome`);
      pollux(host, ["--trace=chrome", "--trace-file", file, guestFile("cat")], "hi\n");
      const events: Record<string, unknown>[] = JSON.parse(readFileSync(file, "utf8"));
      assert.deepEqual(
        events.map(({ ph, name }) => `${ph} ${name}`),
        [
          "M thread_name",
          "X get-stdin",
          "X get-stdout",
          ...["B", "E"].map((ph) => `${ph} input-stream#1.blocking-read`),
          ...["B", "E"].map((ph) => `${ph} output-stream#1.blocking-write-and-flush`),
          ...["B", "E"].map((ph) => `${ph} input-stream#1.blocking-read`),
        ],
      );
      for (const { pid, tid, ts, ph } of events)
        assert.deepEqual([pid, typeof tid, typeof ts], [1, "number", ph === "M" ? "undefined" : "number"]);
    });

    it("Chrome's format: a file is JSON however the run ends, with times in whole nanoseconds", async () => {
      const file = join(scratch, `${host.name} ends`);
      const events = () => {
        const all: Record<string, unknown>[] = JSON.parse(readFileSync(file, "utf8"));
        for (const time of all.flatMap(({ ts, dur }) => [ts ?? 0, dur ?? 0]))
          assert.match(`${time}`, /^\d+(\.\d{1,3})?$/);
        return all.length;
      };
      for (const [words, args, status, some] of [
        ["chrome", [guestFile("exit"), "code", "7"], 7, true],
        ["chrome", [guestFile("trap"), "unreachable"], 134, true],
        ["chrome,random", [guestFile("hello")], 0, false],
      ] as const) {
        assert.equal(pollux(host, [`--trace=${words}`, "--trace-file", file, ...args]).status, status);
        assert.equal(events() > 0, some);
      }
      const flags = ["--trace=chrome", "--trace-file", file];
      for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
        await using guest = start(host, guestFile("tcpecho"), { flags: [...flags, ...NETWORK], args: ["127.0.0.1:0"] });
        await guest.waitFor(/:(\d+)\n/);
        guest.kill(signal);
        await guest.outcome();
        assert.ok(events() > 0);
      }
    });

    it("a call that ends the guest shows its end; traps and exit statuses are what they are", () => {
      const exited = pollux(host, ["--trace=cli/exit", guestFile("exit"), "code", "7"]);
      assert.deepEqual([exited.status, timeless(exited.stderr)], [7, ["cli/exit exit-with-code(7) = ? Exit: exit 7"]]);
      const trapped = pollux(host, ["--trace=random", guestFile("trap"), "unreachable"]);
      assert.equal(trapped.status, 134);
      assert.match(trapped.stderr, /wasm trap: wasm `unreachable` instruction executed/);
    });

    it("core modules: numbers by name, paths, bytes, errnos", () => {
      const folder = mkdtempSync(join(scratch, "given "));
      const { stderr } = pollux(host, ["--trace=fd", "--dir", `${folder}::/`, guestFile("p1/files")]);
      const [first, second, third] = timeless(stderr);
      assert.equal(first, "wasi_snapshot_preview1 fd_prestat_get(3) = ok");
      assert.equal(second, "wasi_snapshot_preview1 fd_prestat_dir_name(3, 1) = ok");
      assert.equal(third, "wasi_snapshot_preview1 fd_prestat_get(4) = EBADF");
      assert.match(stderr, /fd_write\(1, "[^\n]+ \(\d+ bytes\)\) = \{nwritten: \d+\}/);
    });

    const wrong: readonly (readonly [readonly string[], number, RegExp])[] = [
      [
        ["--trace=json,chrome", "a.wasm"],
        2,
        /^error: invalid value 'json,chrome' for '--trace.*': expected one format/,
      ],
      [["--trace=a b", "a.wasm"], 2, /^error: invalid value 'a b' for '--trace.*': `a b` is no format/],
      [
        ["--trace-file", "/no/such/folder/t", guestFile("hello")],
        1,
        /^Error: failed to open trace file .*\n\nCaused by:\n {4}No such file/,
      ],
    ];
    for (const [args, status, message] of wrong) {
      it(`${args.slice(0, 2).join(" ")}: status ${status}`, () => {
        const ended = pollux(host, args);
        assert.equal(ended.status, status);
        assert.match(ended.stderr, message);
      });
    }
  });
}
