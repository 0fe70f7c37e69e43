import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import fc from "fast-check";
import { parseComponent } from "../../src/component/binary/parse.ts";
import { inspectComponent } from "../../src/inspect/inspect-component.ts";
import { inspectModule } from "../../src/inspect/inspect-module.ts";
import { inspectionText } from "../../src/inspect/inspection-text.ts";
import { sampleCalls } from "../../src/inspect/sample-call.ts";
import { ParseError } from "../../src/wasm/errors.ts";
import { binary } from "../component/text.ts";
import { guestFile } from "../e2e/host.ts";

const guest = (name: string) => new Uint8Array(readFileSync(guestFile(name)));

/** The cases of wasi:sockets/types.error-code that have no payload. */
const socketErrors = [
  "access-denied",
  "not-supported",
  "invalid-argument",
  "out-of-memory",
  "timeout",
  "invalid-state",
  "address-not-bindable",
  "address-in-use",
  "remote-unreachable",
  "connection-refused",
  "connection-broken",
  "connection-reset",
  "connection-aborted",
  "datagram-too-large",
];

describe("inspectComponent", () => {
  const guests: readonly (readonly [string, boolean, readonly string[]])[] = [
    ["hello", true, []],
    ["tcpecho", true, ["-Sinherit-network"]],
    ["udp/bind", true, ["-Sinherit-network"]],
    ["udp/names", true, ["-Sallow-ip-name-lookup"]],
    ["behaviour/files", true, ["--dir=."]],
    ["http/requests", true, ["-Shttp", "-Sinherit-network"]],
    ["unknown-import", false, []],
  ];
  for (const [name, runs, flags] of guests) {
    it(`${name} ${runs ? "runs" : "does not run"}, with ${flags.join(" ") || "no flag"}`, () => {
      const inspection = inspectComponent(guest(name));
      assert.equal(inspection.runs, runs);
      for (const flag of flags) assert.ok(inspection.flags.includes(flag), inspection.flags.join());
      if (flags.length === 0) assert.deepEqual(inspection.flags, []);
    });
  }

  /** One import, and what becomes of it. */
  const imports: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
    ['"wasi:cli/exit@0.2.0" (instance (export "exit" (func (param "status" (result)))))', "provided", [], []],
    ['"wasi:cli/exit@0.2.0" (instance (export "leave" (func)))', "missing", ["leave"], []],
    ['"wasi:io/poll@0.2.9" (instance (export "pollable" (type (sub resource))))', "provided", [], []],
    ['"wasi:io/poll@0.2.9" (instance (export "epollable" (type (sub resource))))', "missing", ["epollable"], []],
    [
      '"wasi:sockets/ip-name-lookup@0.2.0" (instance (export "resolve-address-stream" (type (sub resource))))',
      "linked only",
      [],
      ["-Sallow-ip-name-lookup"],
    ],
    [
      '"wasi:sockets/network@0.2.0" (instance (export "network-error-code" (func)))',
      "missing",
      ["network-error-code"],
      ["-Snetwork-error-code"],
    ],
    [
      '"wasi:http/types@0.2.3" (instance (export "fields" (type (sub resource))))',
      "missing",
      ["wasi:http/types@0.2.3"],
      ["-Shttp"],
    ],
    ['"wasi:http/types@0.2.3" (instance (export "meadows" (type (sub resource))))', "missing", ["meadows"], []],
    [
      '"wasi:cli/environment@0.3.0" (instance (export "get-initial-cwd" (func (result (option string)))))',
      "provided",
      [],
      [],
    ],
    ['"wasi:cli/types@0.3.2" (instance)', "provided", [], []],
    [
      '"wasi:clocks/monotonic-clock@0.3.1" (instance (export "wait-for" (func async (param "how-long" u64))))',
      "provided",
      [],
      [],
    ],
    ['"wasi:sockets/types@0.3.0" (instance (export "tcp-socket" (type (sub resource))))', "provided", [], []],
    [
      `"wasi:sockets/types@0.3.0" (instance (export "udp-socket" (type $u (sub resource)))
        (type $f (enum "ipv4" "ipv6")) (export "ip-address-family" (type $family (eq $f)))
        (type $c (variant ${socketErrors.map((code) => `(case "${code}")`).join(" ")} (case "other" (option string))))
        (export "error-code" (type $code (eq $c)))
        (export "[static]udp-socket.create" (func (param "family" $family) (result (result (own $u) (error $code))))))`,
      "linked only",
      [],
      ["-Sinherit-network"],
    ],
    ['"wasi:sockets/types@0.3.0" (instance (export "meadows" (func)))', "missing", ["meadows"], []],
    ['"wasi:filesystem/preopens@0.3.1" (instance)', "linked only", [], ["--dir=."]],
    ['"wasi:filesystem/types@0.3.1" (instance (export "descriptor" (type (sub resource))))', "provided", [], []],
    [
      '"wasi:http/types@0.3.0" (instance (export "fields" (type (sub resource))))',
      "missing",
      ["wasi:http/types@0.3.0"],
      ["-Shttp"],
    ],
    // what a server has to import, too, when it is in the middle, nobody gives
    ['"wasi:http/handler@0.3.0" (instance (export "handle" (func async)))', "missing", ["handle"], []],
    // nor do those for what is denied make there what is missing
    ['"wasi:sockets/ip-name-lookup@0.2.0" (instance (export "f" (func)))', "missing", ["f"], []],
    ['"f" (func)', "missing", ["f"], []],
    ['"m" (core module)', "missing", ["m"], []],
  ];
  for (const [text, status, missing, flags] of imports) {
    it(`${text}: ${status}`, async () => {
      const [need] = inspectComponent(await binary(`(component (import ${text}))`)).imports;
      assert.deepEqual({ ...need, name: "" }, { name: "", status, missing, flags });
    });
  }

  it("what a flag makes there does not keep it from running", async () => {
    const run = (imports: string) =>
      binary(`(component ${imports}
        (core module $m (func (export "run") (result i32) (i32.const 0)))
        (core instance $i (instantiate $m))
        (func $f (result (result)) (canon lift (core func $i "run")))
        (instance (export "wasi:cli/run@0.2.0") (export "run" (func $f))))`);
    const errorCode = '(import "wasi:sockets/network@0.2.0" (instance (export "network-error-code" (func))))';
    const both = inspectComponent(await run(errorCode));
    assert.deepEqual([both.runs, both.flags], [true, ["-Snetwork-error-code"]]);
    assert.equal(inspectComponent(await run('(import "f" (func))')).runs, false);
    assert.equal(inspectComponent(await binary("(component)")).runs, false);
  });

  it("a feature that an option allows does not keep it from running", async () => {
    const component = await binary(`(component
      (core func (canon error-context.drop))
      (core func (canon thread.index))
      (core module $m (func (export "run") (result i32) (i32.const 0)))
      (core instance $i (instantiate $m))
      (func $f (result (result)) (canon lift (core func $i "run")))
      (instance (export "wasi:cli/run@0.2.0") (export "run" (func $f))))`);
    const { runs, flags } = inspectComponent(component);
    assert.deepEqual([runs, flags], [true, ["-Wcomponent-model-error-context", "-Wcomponent-model-threading"]]);
  });

  it("an async run of 0.3 is one", async () => {
    const component = await binary(`(component
      (core module $m (func (export "run") (result i32) (i32.const 0)))
      (core instance $i (instantiate $m))
      (func $f async (result (result)) (canon lift (core func $i "run")))
      (instance (export "wasi:cli/run@0.3.0") (export "run" (func $f))))`);
    const { runs, problem, wit } = inspectComponent(component);
    assert.deepEqual([runs, problem], [true, undefined]);
    assert.ok(wit.includes("run: async func() -> result;"), wit);
  });

  /** Exports an instance with a function, as what is looked at is the names. */
  const exporting = (imports: string, ...names: readonly string[]) =>
    binary(`(component ${imports}
      (core module $m (func (export "f") (result i32) (i32.const 0)))
      (core instance $i (instantiate $m))
      (func $f (result (result)) (canon lift (core func $i "f")))
      ${names.map((name) => `(instance (export "${name}") (export "run" (func $f)))`).join("\n")})`);
  const stdout = '(import "wasi:cli/stdout@0.2.0" (instance))';
  const exit = '(import "wasi:cli/exit@0.2.0" (instance))';
  const config = '(import "wasi:config/store@0.2.0-rc.1" (instance))';
  const http = '(import "wasi:http/types@0.2.0" (instance (export "fields" (type (sub resource)))))';
  const [p2, p3, run] = ["wasi:http/incoming-handler@0.2.0", "wasi:http/handler@0.3.0", "wasi:cli/run@0.2.0"];
  const servers: readonly (readonly [imports: string, exports: readonly string[], last: readonly string[]])[] = [
    ["", [p2], ["pollux serve a.wasm"]],
    ["", [p3], ["pollux serve a.wasm"]],
    ["", [p2, run], ["pollux run a.wasm", "pollux serve a.wasm"]],
    [stdout, [p2, p3], ["pollux serve a.wasm"]],
    [exit, [p2], ["pollux serve -Scli a.wasm"]],
    [exit + http, [p3, run], ["pollux run -Shttp a.wasm", "pollux serve -Scli a.wasm"]],
    [config, [p2], ["pollux serve -Sconfig a.wasm"]],
    [
      '(import "f" (func))',
      [p2, run],
      ["pollux run cannot run it: nothing provides f", "pollux serve cannot serve it: nothing provides f"],
    ],
    ["", [run], ["pollux run a.wasm"]],
  ];
  for (const [imports, exports, expected] of servers) {
    it(`${exports.join(", ")} with ${imports || "no imports"}: ${expected.join("; ")}`, async () => {
      const inspection = inspectComponent(await exporting(imports, ...exports));
      const serve = expected.find((line) => line.startsWith("pollux serve"));
      assert.equal(inspection.serves, serve !== undefined && !serve.includes("cannot"));
      assert.equal(inspection.server !== undefined, serve !== undefined);
      const lines = inspectionText("a.wasm", inspection).trimEnd().split("\n");
      assert.deepEqual(lines.slice(-expected.length), expected);
    });
  }

  it("takes no name for what every object has", async () => {
    const names = ["constructor", "has-own-property", "value-of", "to-string"];
    const inspection = inspectComponent(
      await binary(`(component ${names.map((n) => `(import "${n}" (func))`).join("")})`),
    );
    assert.deepEqual(
      inspection.imports.map(({ name, status, flags }) => [name, status, flags]),
      names.map((name) => [name, "missing", []]),
    );
  });

  it("finds core modules with their names and sizes, in nested components too", async () => {
    const bytes = await binary(`(component
      (core module $first (memory 1))
      (component (component) (component (core module) (core module $deep (func)))))`);
    const { modules } = inspectComponent(bytes);
    assert.deepEqual(
      modules.map(({ path, name }) => [path.join("."), name]),
      [
        ["0", "first"],
        ["0.1.0", undefined],
        ["0.1.1", "deep"],
      ],
    );
    for (const { offset, size } of modules) {
      assert.deepEqual([...bytes.subarray(offset, offset + 8)], [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
      assert.ok(WebAssembly.validate(bytes.slice(offset, offset + size)));
    }
  });

  it("a broken component is a ParseError, whatever is broken", () => {
    assert.throws(() => inspectComponent(guest("hello").subarray(0, 200)), ParseError);
    const component = guest("tcpecho");
    const byte = fc.record({ at: fc.nat(component.length - 1), value: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(byte, { minLength: 1, maxLength: 3 }), (changes) => {
        const bytes = component.slice();
        for (const { at, value } of changes) bytes[at] = value;
        try {
          inspectionText("mutated.wasm", inspectComponent(bytes));
        } catch (error) {
          if (!(error instanceof ParseError)) throw error;
        }
      }),
      { seed: 4, numRuns: 500 },
    );
  });
});

describe("inspectModule", () => {
  const text = `(module $clock
    (import "wasi_snapshot_preview1" "clock_time_get" (func (param i32 i64 i32) (result i32)))
    (import "wasi_snapshot_preview1" "clock_time_get" (func (param i32 i64 i32) (result i32)))
    (import "wasi_snapshot_preview1" "sock_accept" (func (param i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func (param i32) (result i32)))
    (import "env" "f" (func (result i32 i64)))
    (memory (export "memory") 1 4)
    (table (export "table") 2 funcref)
    (global (export "global") (mut i64) (i64.const 0))
    (func (export "_start")))`;

  it("says of each import whether a run gives it, and of each export what it is", async () => {
    const inspection = inspectModule(new Uint8Array(await parse(text)));
    assert.equal(inspection.name, "clock");
    assert.equal(inspection.runs, false);
    assert.deepEqual(
      inspection.imports.map(({ name, type, status, flags }) => [name, type, status, ...flags]),
      [
        ["clock_time_get", "func(i32, i64, i32) -> i32", "provided"],
        ["sock_accept", "func(i32, i32, i32) -> i32", "linked only", "-Stcplisten=127.0.0.1:8080"],
        ["fd_write", "func(i32) -> i32", "mistyped"],
        ["f", "func() -> (i32, i64)", "missing"],
      ],
    );
    assert.deepEqual(
      inspection.exports.map(({ name, type }) => [name, type]),
      [
        ["memory", "memory 1..4"],
        ["table", "table 2.. (ref null func)"],
        ["global", "global mut i64"],
        ["_start", "func()"],
      ],
    );
  });
});

describe("inspectionText", () => {
  const last = (text: string) => text.trimEnd().split("\n").at(-1);

  it("ends in the command that runs it, or why there is none", async () => {
    const text = (name: string) => inspectionText(`${name}.wasm`, inspectComponent(guest(name)));
    assert.equal(last(text("hello")), "pollux run hello.wasm");
    assert.equal(last(text("tcpecho")), "pollux run -Sinherit-network tcpecho.wasm");
    assert.equal(last(text("unknown-import")), "pollux run cannot run it: nothing provides acme:nowhere/thing@1.0.0");
    assert.equal(last(text("http/server")), "pollux serve http/server.wasm");
    const empty = inspectComponent(await binary("(component)"));
    assert.equal(last(inspectionText("e.wasm", empty)), "pollux run cannot run it: it exports nothing");
    const module = inspectModule(new Uint8Array(await parse('(module (import "env" "f" (func)))')));
    assert.equal(last(inspectionText("m.wasm", module)), "pollux run cannot run it: nothing provides env.f");
    const mistyped = '(module (import "wasi_snapshot_preview1" "fd_close" (func (param i64) (result i32))))';
    assert.equal(
      last(inspectionText("m.wasm", inspectModule(new Uint8Array(await parse(mistyped))))),
      "pollux run cannot run it: wasi_snapshot_preview1.fd_close: types incompatible: expected type `(func (param i64) (result i32))`, found type `(func (param i32) (result i32))`",
    );
  });

  it("has what gives more apart from the command", () => {
    const text = inspectionText("a.wasm", inspectComponent(guest("behaviour/files")));
    assert.match(text, /^pollux run a\.wasm\n\nwith the files of this folder:\n {2}pollux run --dir=\. a\.wasm$/m);
    const module = inspectionText("m.wasm", inspectModule(guest("p1/sockets")));
    assert.match(
      module,
      /^with a listening socket from its host:\n {2}pollux run -Stcplisten=127\.0\.0\.1:8080 m\.wasm$/m,
    );
  });

  const calls: readonly (readonly [params: string, call: string])[] = [
    ["", "f()"],
    ['(param "a" u32) (param "b" s8)', "f(1, 1)"],
    ['(param "a" string) (param "b" char) (param "c" bool) (param "d" f32)', "f(\"text\", 'a', true, 1.5)"],
    ['(param "a" (list u8)) (param "b" (tuple u8 string))', 'f([1], (1, "text"))'],
    ['(param "a" (option u8)) (param "b" (result string)) (param "c" (result))', 'f(none, ok("text"), ok)'],
  ];
  for (const [params, call] of calls) {
    it(`shows how to call ${call}`, async () => {
      const component = `(component (import "a:b/c" (instance $i (export "f" (func ${params}))))
        (alias export $i "f" (func $f)) (export "f" (func $f)))`;
      assert.deepEqual(sampleCalls(parseComponent(await binary(component)).type), [call]);
    });
  }

  it("shows how to call what is exported, and nothing of WASI or of resources", async () => {
    const component = await binary(`(component
      (core module $m (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
      (core instance $i (instantiate $m))
      (func $add (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add")))
      (instance $adder (export "add" (func $add)))
      (export "acme:math/adder@1.0.0" (instance $adder)))`);
    const text = inspectionText("a.wasm", inspectComponent(component));
    assert.ok(text.endsWith("\nits functions\n  pollux run --invoke 'add(1, 1)' a.wasm\n"), text);
    const inspection = inspectComponent(component);
    const calls = [...inspection.calls, `long("${"x".repeat(100)}")`];
    assert.equal(inspectionText("a.wasm", { ...inspection, calls }), text, "a call that nobody types is left out");
    assert.deepEqual(inspectComponent(guest("tcpecho")).calls, []);
    assert.deepEqual(inspectComponent(guest("http/serve")).calls, []);
  });

  it("names the file as a shell takes it", () => {
    const names: readonly (readonly [string, string])[] = [
      ["a b.wasm", "'a b.wasm'"],
      ["it's.wasm", "'it'\\''s.wasm'"],
      ["é.wasm", "'é.wasm'"],
      ["~x.wasm", "'~x.wasm'"],
      ["-x.wasm", "./-x.wasm"],
      ["-", "-"],
      ["dir/a-b_c.wasm", "dir/a-b_c.wasm"],
    ];
    for (const [file, word] of names)
      assert.equal(last(inspectionText(file, inspectComponent(guest("hello")))), `pollux run ${word}`);
  });
});
