/** `run --trace`: its words, what is shown of values, and real guests' traces on the runtime that runs this test. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import {
  enumeration,
  flags,
  handle,
  list,
  option,
  prims,
  record,
  result,
  tuple,
  variant,
} from "../../src/component/layout.ts";
import { resourceId, type ValType } from "../../src/component/types.ts";
import { decoder } from "../../src/trace/decode.ts";
import { Filter } from "../../src/trace/filter.ts";
import { Handles } from "../../src/trace/handles.ts";
import { text } from "../../src/trace/shown.ts";
import { guestFile, type Host, hosts } from "../e2e/host.ts";

const { u8, u16, u32, u64, bool, char, f64 } = prims;
const ipv4 = record([
  { name: "port", type: u16 },
  { name: "address", type: tuple([u8, u8, u8, u8]) },
]);
const ipv6 = record([
  { name: "port", type: u16 },
  { name: "flow-info", type: u32 },
  { name: "address", type: tuple([u16, u16, u16, u16, u16, u16, u16, u16]) },
  { name: "scope-id", type: u32 },
]);
const socketAddress = variant([
  { name: "ipv4", type: ipv4 },
  { name: "ipv6", type: ipv6 },
]);

describe("what a trace shows of a value", () => {
  const shown: readonly (readonly [string, ValType, unknown, string, unknown])[] = [
    ["a boolean", bool, true, "true", true],
    ["a u64", u64, 7n, "7", 7],
    ["a u64 beyond what a number holds", u64, 2n ** 64n - 1n, "18446744073709551615", "18446744073709551615"],
    ["an f64", f64, 0.5, "0.5", 0.5],
    ["a char", char, "é", '"é"', "é"],
    ["a string", prims.string, 'a"\n', '"a\\"\\n"', 'a"\n'],
    ["bytes", list(u8), Uint8Array.of(104, 105, 10, 0, 255), '"hi\\n\\x00\\xff" (5 bytes)', undefined],
    ["many bytes", list(u8), new Uint8Array(70).fill(97), `"${"a".repeat(32)}"... (70 bytes)`, undefined],
    ["a list", list(u32), new Uint32Array([1, 2]), "[1, 2]", [1, 2]],
    ["a long list", list(u32), Array.from({ length: 18 }, (_, i) => i), /^\[0, 1, .*15, 2 more\]$/.source, undefined],
    ["a tuple", tuple([u8, prims.string]), [1, "a"], '[1, "a"]', [1, "a"]],
    ["a record", record([{ name: "a-b", type: u8 }]), { aB: 3 }, "{a-b: 3}", { "a-b": 3 }],
    ["an enum", enumeration(["would-block"]), "would-block", "would-block", "would-block"],
    ["flags", flags(["read", "a-b"]), { read: true, aB: true }, "read|a-b", "read|a-b"],
    ["no flags", flags(["read"]), { read: false }, "0", "0"],
    ["none", option(u8), undefined, "none", "none"],
    ["some", option(u8), 3, "3", 3],
    ["some of an option", option(option(u8)), { tag: "some", val: undefined }, "{some: none}", { some: "none" }],
    ["a variant's case", variant([{ name: "closed", type: undefined }]), { tag: "closed" }, "closed", "closed"],
    ["a variant's payload", variant([{ name: "at", type: u8 }]), { tag: "at", val: 1 }, "{at: 1}", { at: 1 }],
    ["a result", result(u8, u8), { tag: "err", val: 1 }, "{err: 1}", { err: 1 }],
    [
      "an IPv4 address",
      socketAddress,
      { tag: "ipv4", val: { port: 9999, address: [127, 0, 0, 1] } },
      "127.0.0.1:9999",
      "127.0.0.1:9999",
    ],
    [
      "an IPv6 address",
      socketAddress,
      { tag: "ipv6", val: { port: 80, flowInfo: 0, address: [0, 0, 0, 0, 0, 0, 0, 1], scopeId: 0 } },
      "[::1]:80",
      "[::1]:80",
    ],
  ];
  for (const [what, type, value, words, json] of shown) {
    it(what, () => {
      const found = decoder(type, () => "")(value as never);
      if (what === "a long list") assert.match(text(found), new RegExp(words));
      else assert.equal(text(found), words);
      if (json !== undefined) assert.deepEqual(JSON.parse(JSON.stringify(found)), json);
    });
  }

  it("names resources by kind and number, the same each time", () => {
    const handles = new Handles();
    const decode = decoder(handle("borrow", resourceId()), (resource) => handles.name(resource, "pollable"));
    const [a, b] = [{}, {}];
    assert.deepEqual(
      [a, b, a].map((each) => text(decode(each as never))),
      ["pollable#1", "pollable#2", "pollable#1"],
    );
  });

  it("what is made of a socket belongs to its lane, what an accept answers to the new socket's", () => {
    const handles = new Handles();
    const [listener, pollable, socket, input] = [{}, {}, {}, {}];
    handles.enter(undefined);
    handles.name(listener, "tcp-socket");
    handles.enter(listener);
    handles.name(pollable, "pollable");
    handles.enter(listener);
    handles.name(socket, "tcp-socket");
    handles.name(input, "input-stream");
    const lanes = [listener, pollable, socket, input, undefined].map((each) => handles.enter(each).name);
    assert.deepEqual(lanes, ["tcp-socket#1", "tcp-socket#1", "tcp-socket#2", "tcp-socket#2", "guest"]);
  });
});

describe("a trace's filter", () => {
  const names = [
    ["io/poll", "io"],
    ["io/streams", "io"],
    ["sockets/tcp", "sockets"],
  ] as const;
  const rows: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ["", ["io/poll", "io/streams", "sockets/tcp"], []],
    ["io", ["io/poll", "io/streams"], []],
    ["wasi:io/poll,sockets", ["io/poll", "sockets/tcp"], []],
    ["!io/poll", ["io/streams", "sockets/tcp"], []],
    ["io,!wasi:io/poll", ["io/streams"], []],
    ["scokets,io/poll", ["io/poll"], ["scokets"]],
  ];
  for (const [words, shows, unused] of rows) {
    it(words || "none", () => {
      const filter = new Filter(words === "" ? [] : words.split(","));
      assert.deepEqual(
        names.filter((each) => filter.shows(each)).map(([first]) => first),
        shows,
      );
      assert.deepEqual(filter.unused.words, unused);
    });
  }
});

const runtime = process.versions["bun"] ? "bun" : process.versions["deno"] ? "deno" : "node";
const here = hosts.filter(({ name }) => name === runtime || (runtime === "node" && name === "binary"));

const scratch = mkdtempSync(join(tmpdir(), "pollux trace é "));
after(() => rmSync(scratch, { recursive: true }));

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

    it("Chrome's format: an array that lacks its end, waits that begin and end, the result", () => {
      const file = join(scratch, `${host.name} chrome`);
      pollux(host, ["--trace=chrome", "--trace-file", file, guestFile("cat")], "hi\n");
      const events: Record<string, unknown>[] = JSON.parse(`${readFileSync(file, "utf8")}]`);
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
