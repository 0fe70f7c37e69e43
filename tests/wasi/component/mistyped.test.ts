/** A component that imports or exports something else by a name of WASI's is refused, as wasmtime 48.0.8 refuses it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import { inspectComponent } from "../../../src/inspect/inspect-component.ts";
import { mistyped } from "../../../src/wasi/component/mistyped.ts";
import { chain, here, scratchDirectory, textGuest } from "../../cli/here.ts";
import { binary } from "../../component/text.ts";
import { run } from "../../e2e/host.ts";

const WALL = "wasi:clocks/wall-clock@0.2.0";
const FILES = "wasi:filesystem/types@0.2.0";
const wallClock = (fields: string) =>
  `(type $r (record ${fields})) (export "datetime" (type $d (eq $r))) (export "now" (func (result $d)))`;
const sameError = `(import "wasi:io/error@0.2.0" (instance $e (export "error" (type (sub resource)))))
  (alias export $e "error" (type $err))`;
const used = (item: string, name = "pollable") =>
  `(alias outer 1 $err (type $x)) (export "${name}" (type $y (eq $x))) ${item}`;

/** An interface, what a component thinks that it has, what was imported before; how wasmtime says that it has not. */
const wrong: readonly (readonly [string, string, string, readonly string[]])[] = [
  [
    "wasi:cli/environment@0.2.0",
    '(export "get-arguments" (func async (result (list string))))',
    "",
    [
      "get-arguments",
      "type mismatch with async: this import is declared `async func` in WIT, but was satisfied with a sync-style host function",
    ],
  ],
  [
    "wasi:cli/environment@0.2.0",
    '(export "initial-cwd" (func (result (stream u8))))',
    "",
    ["initial-cwd", "type mismatch with results", "expected `option` found `stream`"],
  ],
  [
    "wasi:cli/environment@0.2.0",
    '(export "get-arguments" (func (result u32)))',
    "",
    ["get-arguments", "type mismatch with results", "expected `list` found `u32`"],
  ],
  [
    "wasi:cli/environment@0.2.9",
    '(export "initial-cwd" (func (result (option u8))))',
    "",
    ["initial-cwd", "type mismatch with results", "expected `string` found `u8`"],
  ],
  [
    "wasi:cli/environment@0.2.0",
    '(export "initial-cwd" (func (param "x" u32)))',
    "",
    ["initial-cwd", "type mismatch with parameters", "expected 0-tuple, found 1-tuple"],
  ],
  [
    "wasi:cli/environment@0.2.0",
    '(export "initial-cwd" (func))',
    "",
    ["initial-cwd", "type mismatch with results", "expected 1-tuple, found 0-tuple"],
  ],
  [
    "wasi:cli/exit@0.2.0",
    '(export "exit" (func (param "status" u32)))',
    "",
    ["exit", "type mismatch with parameters", "expected `result` found `u32`"],
  ],
  [
    "wasi:cli/exit@0.2.0",
    '(export "exit" (func (param "status" (result u32))))',
    "",
    ["exit", "type mismatch with parameters", "expected `tuple` found `u32`"],
  ],
  [
    "wasi:cli/exit@0.2.0",
    '(export "exit" (func (param "status" (result (tuple u8)))))',
    "",
    ["exit", "type mismatch with parameters", "expected 0-tuple, found 1-tuple"],
  ],
  [
    "wasi:io/poll@0.2.0",
    '(export "poll" (func (param "in" (list u32)) (result (list u32))))',
    "",
    ["poll", "type mismatch with parameters", "expected `own` or `borrow`, found `u32`"],
  ],
  [
    "wasi:io/poll@0.2.0",
    used('(export "poll" (func (param "in" (list (borrow $y))) (result (list u32))))', "other"),
    sameError,
    ["poll", "type mismatch with parameters", "resource type mismatch"],
  ],
  [
    "wasi:random/insecure-seed@0.2.0",
    '(export "insecure-seed" (func (result (tuple u64 u32))))',
    "",
    ["insecure-seed", "type mismatch with results", "expected `u64` found `u32`"],
  ],
  [
    "wasi:random/random@0.2.0",
    '(export "get-random-u64" (func (result (list u8 4))))',
    "",
    ["get-random-u64", "type mismatch with results", "expected `u64` found `list<_, N>`"],
  ],
  [
    WALL,
    wallClock('(field "secs" u64) (field "nanoseconds" u32)'),
    "",
    ["now", "type mismatch with results", "expected record field named seconds, found secs"],
  ],
  [
    WALL,
    wallClock('(field "seconds" u64) (field "nanoseconds" u64)'),
    "",
    ["now", "type mismatch with results", "type mismatch for field nanoseconds", "expected `u32` found `u64`"],
  ],
  [
    WALL,
    wallClock('(field "seconds" u64)'),
    "",
    ["now", "type mismatch with results", "expected record of 2 fields, found 1 fields"],
  ],
  [
    FILES,
    '(export "descriptor" (type $d (sub resource))) (type $t (enum "unknown" "block-device")) (export "descriptor-type" (type $dt (eq $t))) (export "[method]descriptor.get-type" (func (param "self" (borrow $d)) (result (result $dt))))',
    "",
    ["[method]descriptor.get-type", "type mismatch with results", "expected enum of 8 names, found 2 names"],
  ],
  [
    FILES,
    '(export "descriptor" (type $d (sub resource))) (export "[method]descriptor.sync" (func (param "self" (borrow $d)) (result (result))))',
    "",
    ["[method]descriptor.sync", "type mismatch with results", "expected no `err` type"],
  ],
  [
    FILES,
    '(export "descriptor" (type $d (sub resource))) (type $t (flags "write")) (export "path-flags" (type $p (eq $t))) (export "[method]descriptor.stat-at" (func (param "self" (borrow $d)) (param "f" $p) (param "p" string)))',
    "",
    ["[method]descriptor.stat-at", "type mismatch with parameters", "expected flag named symlink-follow, found write"],
  ],
  [
    FILES,
    '(export "descriptor" (type $d (sub resource))) (type $t (variant (case "no-change") (case "now" u8) (case "timestamp"))) (export "new-timestamp" (type $p (eq $t))) (export "[method]descriptor.set-times" (func (param "self" (borrow $d)) (param "a" $p) (param "m" $p)))',
    "",
    ["[method]descriptor.set-times", "type mismatch with parameters", "case `now` has a type but none was expected"],
  ],
  [
    "wasi:config/store@0.2.0-rc.1",
    '(export "get" (func (param "key" string) (result (option string))))',
    "",
    ["get", "type mismatch with results", "expected `result` found `option`"],
  ],
  [
    "wasi:clocks/monotonic-clock@0.3.0",
    '(export "wait-for" (func (param "how-long" u64)))',
    "",
    [
      "wait-for",
      "type mismatch with async: this import's WIT type is a plain (non-`async`) function, but the host's is an `async func`",
    ],
  ],
  [
    "wasi:clocks/monotonic-clock@0.3.2",
    '(export "now" (func async (result u64)))',
    "",
    [
      "now",
      "type mismatch with async: this import is declared `async func` in WIT, but was satisfied with a sync-style host function",
    ],
  ],
  [
    "wasi:cli/stdin@0.3.0",
    '(alias outer 1 $bytes (type $s)) (export "read-via-stream" (func (result (tuple $s))))',
    "(type $bytes (stream u8))",
    ["read-via-stream", "type mismatch with results", "expected 2-tuple, found 1-tuple"],
  ],
  [
    "wasi:cli/stdout@0.3.1",
    '(alias outer 1 $words (type $s)) (export "write-via-stream" (func (param "data" $s)))',
    "(type $words (stream u16))",
    ["write-via-stream", "type mismatch with parameters", "expected `u8` found `u16`"],
  ],
  [
    "wasi:filesystem/types@0.3.0",
    '(export "descriptor" (type $d (sub resource))) (export "[method]descriptor.sync" (func (param "self" (borrow $d))))',
    "",
    [
      "[method]descriptor.sync",
      "type mismatch with async: this import's WIT type is a plain (non-`async`) function, but the host's is an `async func`",
    ],
  ],
  [
    "wasi:filesystem/types@0.3.2",
    `(alias outer 1 $bytes (type $s)) (export "descriptor" (type $d (sub resource)))
      (export "[method]descriptor.append-via-stream" (func (param "self" (borrow $d)) (param "data" $s)))`,
    "(type $bytes (stream u8))",
    ["[method]descriptor.append-via-stream", "type mismatch with results", "expected 1-tuple, found 0-tuple"],
  ],
  [
    "wasi:sockets/types@0.3.1",
    '(export "tcp-socket" (type $t (sub resource))) (type $s (stream (own $t))) (export "[method]tcp-socket.listen" (func (param "self" (borrow $t)) (result (result $s))))',
    "",
    ["[method]tcp-socket.listen", "type mismatch with results", "expected no `err` type"],
  ],
  [
    "wasi:sockets/ip-name-lookup@0.3.0",
    '(export "resolve-addresses" (func async (param "name" string) (result (list u8))))',
    "",
    ["resolve-addresses", "type mismatch with results", "expected `result` found `list`"],
  ],
];

const importing = (name: string, items: string, more: string) =>
  `(component ${more} (import "${name}" (instance ${items}))
    (core module $m (func (export "run") (result i32) (i32.const 0)))
    (core instance $i (instantiate $m))
    (func $run (result (result)) (canon lift (core func $i "run")))
    (instance (export "wasi:cli/run@0.2.0") (export "run" (func $run))))`;

describe("what a component imports by another type", () => {
  for (const [name, items, more, [item = "", ...causes]] of wrong) {
    it(`${name}: ${causes.at(-1)}`, async () => {
      const bytes = await binary(importing(name, items, more));
      assert.deepEqual(mistyped(parseComponent(bytes).type), {
        imports: new Map([[name, new Map([[item, causes]])]]),
        runs: new Map(),
      });
      const { runs, problem } = inspectComponent(bytes);
      assert.equal(runs, false);
      assert.equal(problem, `${name}: instance export \`${item}\` has the wrong type: ${causes.join(": ")}`);
    });
  }

  it("is nobody's matter where the interface is not WASI's, or of another version", async () => {
    for (const name of ["a:b/environment@0.2.0", "wasi:cli/environment@0.4.0", "wasi:cli/environment@0.1.0"]) {
      const bytes = await binary(importing(name, '(export "get-arguments" (func (result u32)))', ""));
      assert.equal(mistyped(parseComponent(bytes).type), undefined);
    }
  });
});

/** What `run` is instead, and the causes. */
const runs: readonly (readonly [string, readonly string[]])[] = [
  [
    '(func $f (canon lift (core func $i "none")))',
    ["failed to convert function to given type", "type mismatch with results", "expected 1-tuple, found 0-tuple"],
  ],
  [
    '(func $f (param "x" u32) (result (result)) (canon lift (core func $i "both")))',
    ["failed to convert function to given type", "type mismatch with parameters", "expected 0-tuple, found 1-tuple"],
  ],
  [
    '(func $f (result u32) (canon lift (core func $i "some")))',
    ["failed to convert function to given type", "type mismatch with results", "expected `result` found `u32`"],
  ],
];
const command = (func: string) => `(component
  (core module $m
    (func (export "none")) (func (export "some") (result i32) (i32.const 1)) (func (export "both") (param i32) (result i32) (i32.const 1)))
  (core instance $i (instantiate $m)) ${func}
  (instance (export "wasi:cli/run@0.2.0") (export "run" (func $f))))`;

for (const host of here) {
  describe(`components that import or export another type, on ${host.name}`, { skip: host.skip }, () => {
    const directory = scratchDirectory();
    const main = (file: string) => `failed to run main module \`${file}\``;

    const [[name, items, more, [item, ...causes]] = ["", "", "", []]] = wrong;
    it(`${name} is refused, again and again`, async () => {
      const file = await textGuest(directory, "mistyped", importing(name, items, more));
      for (let i = 0; i < 2; i++) {
        const { status, stderr } = await run(host, file);
        assert.deepEqual(chain(stderr), [
          main(file),
          `component imports instance \`${name}\`, but a matching implementation was not found in the linker`,
          `instance export \`${item}\` has the wrong type`,
          ...causes,
        ]);
        assert.equal(status, 1);
      }
    });

    /** The kinds of things. */
    const kinds: readonly (readonly [string, string, string])[] = [
      ["a resource as a function", '(export "pollable" (func))', "expected function found resource"],
      ["a function as a resource", '(export "poll" (type (sub resource)))', "expected resource found func"],
      ["a resource as another", used("").replace(" )", ")"), "mismatched resource types"],
    ];
    for (const [what, items, cause] of kinds) {
      for (const flag of ["-Scli", "-Wunknown-imports-trap"]) {
        it(`${what}, with ${flag}`, async () => {
          const text = importing("wasi:io/poll@0.2.0", items, what.includes("another") ? sameError : "");
          const file = await textGuest(directory, "kind", text);
          const { status, stderr } = await run(host, file, { flags: [flag] });
          assert.equal(chain(stderr).at(-1), cause);
          assert.equal(status, 1);
        });
      }
    }

    for (const [func, causes] of runs) {
      it(`run: ${causes.at(-1)}`, async () => {
        const file = await textGuest(directory, "run", command(func));
        const { status, stderr } = await run(host, file);
        assert.deepEqual(chain(stderr), [main(file), ...causes]);
        assert.equal(status, 1);
        const { problem } = inspectComponent(new Uint8Array(readFileSync(file)));
        assert.equal(problem, `wasi:cli/run: ${causes.join(": ")}`);
      });
    }

    it("an instance wasi:cli/run without run", async () => {
      const file = await textGuest(
        directory,
        "ran",
        command('(func $g (canon lift (core func $i "none")))').replace('"run" (func $f)', '"ran" (func $g)'),
      );
      const { status, stderr } = await run(host, file);
      assert.deepEqual(chain(stderr), [main(file), "instance export `wasi:cli/run@0.2.12` does not have export `run`"]);
      assert.equal(status, 1);
    });
  });
}
