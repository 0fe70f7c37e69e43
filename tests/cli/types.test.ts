/** `pollux types`: its command line, what it writes, and what TypeScript makes of that. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import { generateTypes, $init as ready } from "@bytecodealliance/jco-transpile/component";
import { settings } from "../../src/cli/options/read-settings.ts";
import { type CommandLine, scan } from "../../src/cli/options/scan.ts";
import { types } from "../../src/cli/types.ts";
import { componentTypings } from "../../src/typings/component-typings.ts";
import { nameFor } from "../../src/typings/declarations.ts";
import { runtime } from "../adapters/runtime.ts";
import { binary, canonOptions, libc } from "../component/text.ts";

const root = join(import.meta.dirname, "../..");

describe("the command line of pollux types", () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ["--name=App", /the following required arguments were not provided:/],
    ["a.wasm b.wasm", /unexpected argument 'b.wasm' found/],
    ["--nam=a a.wasm", /unexpected argument '--nam' found/],
    ["--name=1 a.wasm", /invalid value '1' for '--name <NAME>': expected a name/],
    ["--wait=never a.wasm", /invalid value 'never' for '--wait <STRATEGY>'/],
    ["a.wasm --name", /a value is required for '--name <NAME>'/],
    [join(root, "tests/guests/p1/echo.wasm"), /^Failure: types are of components: a core module has none$/],
    ["--name=A --name=B a.wasm", /cannot be used multiple times/],
  ];
  for (const [line, expected] of wrong) {
    it(line, () => {
      const scanned = scan(["types", ...line.split(" ")]);
      assert.match(String(problemOf(scanned)), expected);
    });
  }
});

/** Why a line is refused: by the scanner, by its values, or by the command. */
function problemOf(line: CommandLine): unknown {
  if (line.problem !== undefined) return line.problem;
  try {
    settings(line.options, false);
    types(line, undefined);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("nameFor", () => {
  const names: readonly (readonly [string, string])[] = [
    ["app.wasm", "App"],
    ["dir/my-app.component.wasm", "MyApp"],
    ["C:\\x\\two words.wasm", "TwoWords"],
    ["-", "Component"],
    ["9lives.wasm", "Component"],
  ];
  for (const [file, name] of names) it(file, () => assert.equal(nameFor(file), name));
});

/** Every kind of type, in an interface that is imported, and exported as it is where `exports` says so. */
const kindsText = (exports: string) => `(component
  (import "test:kinds/all@1.0.0" (instance $all
    (type $point (record (field "x" float64) (field "long-name" (option string)) (field "deep" (option (option u8)))))
    (export "point" (type $p (eq $point)))
    (type $shape (variant (case "round") (case "at" $p) (case "many" (list $p))))
    (export "shape" (type $s (eq $shape)))
    (type $colour (enum "red" "dark-blue"))
    (export "colour" (type $c (eq $colour)))
    (type $rights (flags "may-read" "may-write"))
    (export "rights" (type $r (eq $rights)))
    (type $ids (list u64))
    (export "ids" (type $i (eq $ids)))
    (export "numbers" (func (param "a" u8) (param "b" s64) (param "c" float32) (param "d" char) (param "e" bool) (result string)))
    (export "lists" (func (param "a" (list u8)) (param "b" (list s32)) (param "c" (list string)) (result $i)))
    (export "points" (func (param "p" $p) (param "default" (tuple u8 string)) (result (option $p))))
    (export "shapes" (func (param "s" $s) (param "c" $c) (param "r" (option $r)) (result (list $s))))
    (export "outcomes" (func (param "o" (result u8 (error string))) (result (result $p (error $c)))))
    (export "nothing" (func (param "o" (result)) (result (result))))))
  ${exports})`;
const imported = await binary(kindsText(""));
const kinds = await binary(kindsText('(export "test:kinds/all@1.0.0" (instance $all))'));

/** A resource of each side. */
const resources = await binary(`(component
  (import "test:made/things" (instance $things
    (export "thing" (type $thing (sub resource)))
    (export "[constructor]thing" (func (param "start" u32) (result (own $thing))))
    (export "[method]thing.next" (func (param "self" (borrow $thing)) (result (result u32 (error string)))))
    (export "[static]thing.count" (func (result u32)))
    (export "opaque" (type $opaque (sub resource)))
    (export "take" (func (param "thing" (own $thing)) (param "of" (borrow $opaque))))))
  (component $inner
    (type $own (resource (rep i32)))
    (core func $new (canon resource.new $own))
    (core module $m (import "" "new" (func $new (param i32) (result i32)))
      (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
      (func (export "next") (param i32) (result i32) (local.get 0)) (func (export "count") (result i32) (i32.const 1)))
    (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
    (export $thing "thing" (type $own))
    (func $make (param "start" u32) (result (own $thing)) (canon lift (core func $i "make")))
    (export "[constructor]thing" (func $make))
    (func $next (param "self" (borrow $thing)) (result u32) (canon lift (core func $i "next")))
    (export "[method]thing.next" (func $next))
    (func $count (result u32) (canon lift (core func $i "count")))
    (export "[static]thing.count" (func $count))
    (type $bare (resource (rep i32)))
    (export "opaque" (type $bare)))
  (instance $own (instantiate $inner)) (export "test:own/things" (instance $own)))`);

describe("the types of a component", () => {
  it("are these", () => {
    assert.equal(
      componentTypings("kinds.wasm", kinds, {}).replaceAll(/^\/\/.*\n\n/g, ""),
      readFileSync(join(import.meta.dirname, "types.txt"), "utf8"),
    );
  });
});

describe("TypeScript", { skip: runtime !== "node" && "once is enough" }, () => {
  const scratch = mkdtempSync(join(root, "tests/cli/types-"));
  after(() => rmSync(scratch, { recursive: true }));
  // as jco's are meant
  const compilerOptions = { rootDir: root, exactOptionalPropertyTypes: false };
  const extend = `./${relative(scratch, join(root, "tsconfig.json"))}`;

  function write(name: string, text: string): void {
    writeFileSync(join(scratch, name), text);
  }

  /** What it says of these files. */
  function said(files: readonly string[]): string {
    write("tsconfig.json", JSON.stringify({ extends: extend, compilerOptions, files, include: [] }));
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    return spawnSync(process.execPath, [tsc, "-p", scratch, "--pretty", "false"], { encoding: "utf8" }).stdout;
  }

  it("takes the types of every guest of the tests", () => {
    const guests = globSync("tests/guests/**/*.wasm", { cwd: root }).filter((file) => !file.includes("/build/"));
    const files: string[] = [];
    for (const file of guests) {
      const bytes = new Uint8Array(readFileSync(join(root, file)));
      // core modules have none
      if (bytes[4] === 1) continue;
      for (const suspending of [false, true]) {
        files.push(`guest-${files.length}.ts`);
        write(files.at(-1)!, componentTypings(file, bytes, { suspending }));
      }
    }
    assert.ok(files.length > 50);
    assert.equal(said(files), "");
  });

  it("finds them to be those of jco", async () => {
    await ready;
    const theirs = generateTypes("jco", { wit: { tag: "binary", val: imported }, instantiation: { tag: "async" } });
    for (const [path, bytes] of theirs)
      write(path.replaceAll("/", "-"), new TextDecoder().decode(bytes).replaceAll("./interfaces/", "./interfaces-"));
    write("kinds.ts", componentTypings("kinds.wasm", kinds, {}));
    write(
      "jco-same.ts",
      `import type { ImportObject } from "./jco.js";
      import type { Imports, Kinds } from "./kinds.ts";
      type Theirs = ImportObject["test:kinds/all@1.0.0"];
      type Ours = Imports["test:kinds/all@1.0.0"];
      // Each can be given where the other is wanted.
      export const same: [(theirs: Theirs) => Ours, (ours: Ours) => Theirs] = [(x) => x, (x) => x];
      export const exported: [(theirs: Theirs) => Kinds["all"], (ours: Kinds["all"]) => Theirs] = [(x) => x, (x) => x];`,
    );
    assert.equal(said(["jco-same.ts"]), "");
  });

  it("types a program by them, and refuses what is wrong", async () => {
    write("things.ts", componentTypings("things.wasm", resources, {}));
    write("later.ts", componentTypings("later.wasm", resources, { name: "Later", suspending: true }));
    write(
      "upper.ts",
      componentTypings("upper.wasm", new Uint8Array(readFileSync(join(root, "tests/guests/upper.wasm"))), {}),
    );
    write(
      "program.ts",
      `import { instantiate } from "${relative(scratch, join(root, "src/index.ts"))}";
      import type { Imports, Things } from "./things.ts";
      import type { Later } from "./later.ts";
      import type { Imports as Given, Upper } from "./upper.ts";
      class Thing {
        readonly start: number;
        constructor(start: number) { this.start = start; }
        next() { return this.start; }
        static count() { return 1; }
      }
      class Opaque { private constructor() {} }
      const imports: Imports = { "test:made/things": { Thing, Opaque: Opaque as never, take() {} } };
      await using app = await instantiate<Things>("things.wasm", imports);
      using thing = new app.things.Thing(3);
      export const next: number = thing.next() + app["test:own/things"].Thing.count();
      // @ts-expect-error a string is no number
      new app.things.Thing("3");
      // @ts-expect-error it has no constructor
      new app.things.Opaque();
      // @ts-expect-error it lacks a function
      export const lacking: Imports = { "test:made/things": { Thing, Opaque: Opaque as never } };
      await using later = await instantiate<Later>("later.wasm", imports, { wait: "suspending" });
      await using waited = await new later.things.Thing(3);
      export const soon: Promise<number> = waited.next();
      const given: Given = { piece: async (length) => console.log(length + 1) };
      await using upper = await instantiate<Upper>("upper.wasm", given);
      const stream = await upper.upper([new Uint8Array(1)], { signal: AbortSignal.timeout(1) });
      export const text: string = await new Response(stream).text();`,
    );
    assert.equal(said(["program.ts"]), "");
  });
});

it("an async function of a component is one of its types", async () => {
  const bytes = await binary(`(component ${libc}
    (core module $m (func (export "f") (param i32) (result i32) unreachable) (func (export "cb") (param i32 i32 i32) (result i32) unreachable))
    (core instance $i (instantiate $m))
    (func (export "wait-for") async (param "when" (future u32)) (result (stream string))
      (canon lift (core func $i "f") async (callback (core func $i "cb")) ${canonOptions})))`);
  assert.match(
    componentTypings("a.wasm", bytes, {}),
    /^ {2}waitFor\(when: PromiseLike<number>, options\?: \{ readonly signal\?: AbortSignal \}\): Promise<ReadableStream<string>>;$/m,
  );
});

it("an error context is the package's", async () => {
  const text = componentTypings(
    "a.wasm",
    await binary('(component (import "f" (func (param "e" error-context))))'),
    {},
  );
  assert.match(text, /^import type \{ ErrorContext as PolluxErrorContext \} from "pollux";$/m);
  assert.match(text, /^ {2}f\(e: PolluxErrorContext\): void;$/m);
});
