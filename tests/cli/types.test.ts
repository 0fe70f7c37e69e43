/** `pollux types`: its command line, what it writes, and what TypeScript makes of that. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import { generateTypes, $init as ready } from "@bytecodealliance/jco-transpile/component";
import { scanTypes } from "../../src/cli/types.ts";
import { componentTypings } from "../../src/typings/component-typings.ts";
import { nameFor } from "../../src/typings/declarations.ts";
import { runtime } from "../adapters/runtime.ts";
import { binary, canonOptions, libc } from "../component/text.ts";

const root = join(import.meta.dirname, "../..");

describe("scanTypes", () => {
  const lines: readonly (readonly [string, object | RegExp])[] = [
    ["a.wasm", { file: "a.wasm", name: undefined, suspending: false }],
    ["--name=App a.wasm", { file: "a.wasm", name: "App", suspending: false }],
    ["a.wasm --name App --wait=suspending", { file: "a.wasm", name: "App", suspending: true }],
    ["-- --name", { file: "--name", name: undefined, suspending: false }],
    ["-", { file: "-", name: undefined, suspending: false }],
    ["--name=App", /^the following required arguments were not provided:/],
    ["a.wasm b.wasm", /^unexpected argument 'b.wasm' found/],
    ["--nam=a a.wasm", /^unexpected argument '--nam=a' found/],
    ["--name=1 a.wasm", /^invalid value '1' for '--name <NAME>': expected a name/],
    ["--wait=never a.wasm", /^invalid value 'never' for '--wait <STRATEGY>': expected blocking or suspending/],
    ["a.wasm --name", /^a value is required for '--name <NAME>'/],
    ["--name=A --name=B a.wasm", /cannot be used multiple times/],
  ];
  for (const [line, expected] of lines) {
    it(line, () => {
      if (expected instanceof RegExp) assert.throws(() => scanTypes(line.split(" ")), { message: expected });
      else assert.deepEqual(scanTypes(line.split(" ")), expected);
    });
  }
});

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

/** Every kind of type, in an interface that is imported and exported as it is. */
const kinds = await binary(`(component
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
  (export "test:kinds/all@1.0.0" (instance $all)))`);

/** A resource of each side. */
const resources = await binary(`(component
  (import "test:made/things" (instance $things
    (export "thing" (type $thing (sub resource)))
    (export "[constructor]thing" (func (param "start" u32) (result (own $thing))))
    (export "[method]thing.next" (func (param "self" (borrow $thing)) (result (result u32 (error string)))))
    (export "[static]thing.count" (func (result u32)))
    (export "opaque" (type $opaque (sub resource)))
    (export "take" (func (param "thing" (own $thing)) (param "of" (borrow $opaque))))))
  (export "test:made/things" (instance $things)))`);

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
  const compilerOptions = { rootDir: root, skipLibCheck: false, types: ["node"] };
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
        files.push(`guest-${files.length}.d.ts`);
        write(files.at(-1)!, componentTypings(file, bytes, { suspending }));
      }
    }
    assert.ok(files.length > 50);
    assert.equal(said(files), "");
  });

  it("finds them to be those of jco", async () => {
    await ready;
    for (const [path, bytes] of generateTypes("jco", {
      wit: { tag: "binary", val: kinds },
      instantiation: { tag: "async" },
    }))
      write(path.replaceAll("/", "-"), new TextDecoder().decode(bytes).replaceAll("./interfaces/", "./interfaces-"));
    write("kinds.d.ts", componentTypings("kinds.wasm", kinds, {}));
    write(
      "jco-same.ts",
      `import type { ImportObject, Root } from "./jco.js";
      import type { Imports, Kinds } from "./kinds.js";
      type Theirs = ImportObject["test:kinds/all@1.0.0"];
      type Ours = Imports["test:kinds/all@1.0.0"];
      // Each can be given where the other is wanted.
      export const both: [(theirs: Theirs) => Ours, (ours: Ours) => Theirs, (ours: Kinds) => Root] = [(x) => x, (x) => x, (x) => x];
      export const some: Kinds["all"] = {} as Root["all"];`,
    );
    assert.equal(said(["jco-same.ts"]), "");
  });

  it("types a program by them, and refuses what is wrong", async () => {
    write("things.d.ts", componentTypings("things.wasm", resources, {}));
    write("later.d.ts", componentTypings("later.wasm", resources, { name: "Later", suspending: true }));
    write(
      "upper.d.ts",
      componentTypings("upper.wasm", new Uint8Array(readFileSync(join(root, "tests/guests/upper.wasm"))), {}),
    );
    write(
      "program.ts",
      `import { instantiate } from "${relative(scratch, join(root, "src/index.ts"))}";
      import type { Imports, Things } from "./things.js";
      import type { Later } from "./later.js";
      import type { Imports as Given, Upper } from "./upper.js";
      class Thing {
        constructor(readonly start: number) {}
        next() { return this.start; }
        static count() { return 1; }
      }
      class Opaque { private constructor(readonly secret: string) {} }
      const imports: Imports = { "test:made/things": { Thing, Opaque: Opaque as never, take() {} } };
      await using app = await instantiate<Things>("things.wasm", imports);
      using thing = new app.things.Thing(3);
      export const next: number = thing.next() + app["test:made/things"].Thing.count();
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
    assert.equal(said(["program.ts"]).replaceAll(/^.*erasableSyntaxOnly.*\n/gm, ""), "");
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
