/** `run --trace`: what is shown of values, and its words. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ErrorContext } from "../../../src/component/error-context.ts";
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
} from "../../../src/component/types/layout.ts";
import { resourceId, type ValType } from "../../../src/component/types/types.ts";
import { decoder } from "../../../src/trace/decode.ts";
import { Filter } from "../../../src/trace/filter.ts";
import { createFormat } from "../../../src/trace/formats.ts";
import { Handles } from "../../../src/trace/handles.ts";
import { tracedModule } from "../../../src/trace/p1.ts";
import { text } from "../../../src/trace/shown.ts";
import { Tracer } from "../../../src/trace/tracer.ts";
import { Preview1Memory } from "../../../src/wasi/p1/abi/memory.ts";

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
    [
      "an error context",
      prims["error-context"],
      new ErrorContext("oops"),
      '{error-context: "oops"}',
      { "error-context": "oops" },
    ],
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

it("what a function of wasip1 answers is not rounded", () => {
  const memory = new Preview1Memory();
  memory.attach(new WebAssembly.Memory({ initial: 1 }));
  const fd_tell = (_fd: number, offset: number) => {
    memory.setU64(offset, 2n ** 53n + 1n);
    return 0;
  };
  const written: string[] = [];
  const tracer = new Tracer(createFormat("json"), new Filter([]), (line) => written.push(line));
  const { modules } = tracedModule(tracer, {
    modules: { wasi_snapshot_preview1: { fd_tell } },
    memory,
    fds: { count: 4 },
  });
  assert.equal(modules["wasi_snapshot_preview1"]!["fd_tell"]!(...([3, 8] as never[])), 0);
  assert.deepEqual(JSON.parse(written[0]!).ok, { offset: "9007199254740993" });
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
