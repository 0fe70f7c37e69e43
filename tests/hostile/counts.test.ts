/** Crowds: of instances, memories, tables, modules, components, imports. They are refused before they are made, with wasmtime 48's words. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { parseComponent } from "../../src/component/binary/parse.ts";
import { instantiate, LimitError, type Limits, ParseError } from "../../src/index.ts";
import { readCoreModuleType } from "../../src/wasm/core-module.ts";
import { Interned } from "../../src/wasm/core-types.ts";
import { ModuleBudget } from "../../src/wasm/limits/module-budget.ts";
import { Reader } from "../../src/wasm/reader.ts";
import { leb128 } from "../../src/wasm/writer.ts";
import { here, scratchDirectory } from "../cli/here.ts";
import { run } from "../e2e/host.ts";
import { type Bytes, component, coreModule, joined, list, name, nestedComponent, nestedModule } from "./bytes.ts";

const times = (count: number, item: Bytes): Bytes[] => Array.from({ length: count }, () => item);
const numbered = (count: number, item: (i: number) => Bytes): Bytes[] =>
  Array.from({ length: count }, (_, i) => item(i));

/** Entry of an instance section of either kind: of the first component or module, without arguments. */
const INSTANCE = [0, 0, 0];
const NO_EXPORTS = [1, 0];
const FUNC_TYPE = list(7, [[0x40, 0, 1, 0]]);
const EMPTY_INSTANCE_TYPE = list(7, [[0x42, 0]]);
const EMPTY_COMPONENT_TYPE = list(7, [[0x41, 0]]);

const empty = nestedModule(coreModule());
const memories = (count: number) => coreModule(list(5, times(count, [0, 16])));
const tables = (count: number) => coreModule(list(4, times(count, [0x70, 0, 1])));
const instances = (count: number, module = coreModule()) =>
  component(nestedModule(module), list(2, times(count, INSTANCE)));
const imports = (count: number, type: Bytes) =>
  list(
    10,
    numbered(count, (i) => joined([[0], name(`a${i}`), type])),
  );
const coreImports = (count: number, type: Bytes) =>
  list(
    2,
    numbered(count, (i) => joined([name("a"), name(`b${i}`), type])),
  );

/** `levels` components, each of which instantiates the one before it twice; and one that instantiates the last. */
function doubling(levels: number, leaf: Bytes): Uint8Array<ArrayBuffer> {
  const twice = (before: number) => component(list(6, [[4, 2, 1, ...leb128(before)]]), list(5, times(2, INSTANCE)));
  return component(
    nestedComponent(leaf),
    ...numbered(levels, (i) => nestedComponent(twice(i))),
    list(5, [[0, ...leb128(levels), 0]]),
  );
}

/** Instances of a module in several components, as many in each as there may be. */
function inParts(parts: number, module: Uint8Array<ArrayBuffer>, each = 1000): Uint8Array<ArrayBuffer> {
  return component(
    ...times(parts, nestedComponent(instances(each, module))),
    list(
      5,
      numbered(parts, (i) => [0, i, 0]),
    ),
  );
}

const TYPE_SIZE = "effective type size exceeds the limit of 1000000";

const refused: readonly (readonly [what: string, file: () => Uint8Array<ArrayBuffer>, message: string])[] = [
  ["1,001 core instances", () => instances(1001), "instances count exceeds limit of 1000 (at offset 0x15)"],
  ["10^6 core instances", () => instances(1_000_000), "instances count exceeds limit of 1000 (at offset 0x17)"],
  [
    "6,000 memories of 1 MiB",
    () => instances(6000, memories(1)),
    "instances count exceeds limit of 1000 (at offset 0x1b)",
  ],
  [
    "1,001 core instances that are sets of exports",
    () => component(list(2, times(1001, NO_EXPORTS))),
    "instances count exceeds limit of 1000 (at offset 0xb)",
  ],
  [
    "1,001 component instances",
    () => component(nestedComponent(component()), list(5, times(1001, INSTANCE))),
    "instances count exceeds limit of 1000 (at offset 0x15)",
  ],
  [
    "501 instances of either kind",
    () => component(empty, list(2, times(501, INSTANCE)), nestedComponent(component()), list(5, times(501, INSTANCE))),
    "instances count exceeds limit of 1000 (at offset 0x603)",
  ],
  [
    "1,001 imported instances",
    () => component(EMPTY_INSTANCE_TYPE, imports(1001, [5, 0])),
    "instances count exceeds limit of 1000 (at offset 0x1ee4)",
  ],
  [
    "1,001 instances with those that were exported",
    () =>
      component(
        list(5, [NO_EXPORTS]),
        list(
          11,
          numbered(1000, (i) => joined([[0], name(`a${i}`), [5, 0, 0]])),
        ),
      ),
    "instances count exceeds limit of 1000 (at offset 0x22c3)",
  ],
  [
    "1,001 modules by aliases",
    () => component(empty, list(6, times(1000, [0, 0x11, 2, 0, 0]))),
    "modules count exceeds limit of 1000 (at offset 0x139a)",
  ],
  ["1,001 modules", () => component(...times(1001, empty)), "modules count exceeds limit of 1000 (at offset 0x271a)"],
  [
    "1,001 components",
    () => component(...times(1001, nestedComponent(component()))),
    "components count exceeds limit of 1000 (at offset 0x271a)",
  ],
  [
    "1,001 components by imports",
    () => component(EMPTY_COMPONENT_TYPE, imports(1001, [4, 0])),
    "components count exceeds limit of 1000 (at offset 0x1ee4)",
  ],
  [
    "101 memories in a module",
    () => instances(1, memories(101)),
    "memories count exceeds limit of 100 (at offset 0x16)",
  ],
  ["101 tables in a module", () => instances(1, tables(101)), "tables count exceeds limit of 100 (at offset 0x16)"],
  ["10^6 imports", () => component(FUNC_TYPE, imports(1_000_000, [1, 0])), `${TYPE_SIZE} (at offset 0x14)`],
  [
    "10^6 imports of a module",
    () => instances(0, coreModule(list(1, [[0x60, 0, 0]]), coreImports(1_000_000, [0, 0]))),
    `${TYPE_SIZE} (at offset 0x20)`,
  ],
];

const coreRefused: readonly (readonly [what: string, file: () => Uint8Array<ArrayBuffer>, message: string])[] = [
  ["6,000 memories", () => memories(6000), "memories count exceeds limit of 100 (at offset 0xb)"],
  [
    "101 imported memories",
    () => coreModule(coreImports(101, [2, 0, 0])),
    "memories count exceeds limit of 100 (at offset 0x386)",
  ],
  [
    "60 memories beside 41 imported ones",
    () => coreModule(coreImports(60, [2, 0, 0]), list(5, times(41, [0, 0]))),
    "memories count exceeds limit of 100 (at offset 0x220)",
  ],
  [
    "101 imported tables",
    () => coreModule(coreImports(101, [1, 0x70, 0, 0])),
    "tables count exceeds limit of 100 (at offset 0x3ea)",
  ],
];

describe("a component or module with too much of something", () => {
  for (const [what, file, message] of refused) {
    it(`is refused: ${what}`, () => {
      assert.throws(() => parseComponent(file()), { name: "ParseError", message });
    });
  }

  for (const [what, file, message] of coreRefused) {
    it(`is refused: ${what} of a core module`, () => {
      const read = () => readCoreModuleType(new Reader(file()), new Interned(), false);
      assert.throws(read, (error) => error instanceof ParseError && error.message === message);
    });
  }

  it("is read with as much as there may be", () => {
    assert.equal(parseComponent(instances(1000, memories(100))).definitions.length, 1001);
    assert.equal(parseComponent(component(...times(1000, empty))).definitions.length, 1000);
    assert.equal(parseComponent(component(FUNC_TYPE, imports(100_000, [1, 0]))).type.imports.size, 100_000);
  });
});

const tooMany = (what: string, count: number) => `resource limit exceeded: ${what} count too high at ${count}`;

/** What ends an instantiation; undefined: nothing does. */
const crowds: readonly (readonly [
  what: string,
  file: () => Uint8Array<ArrayBuffer>,
  limits: Limits | undefined,
  message: string | undefined,
])[] = [
  ["2^30 component instances", () => doubling(30, component()), undefined, tooMany("component instance", 10_001)],
  ["2^99 component instances", () => doubling(99, component()), undefined, tooMany("component instance", 10_001)],
  ["2^30 core instances", () => doubling(30, instances(1)), undefined, tooMany("component instance", 10_001)],
  ["2^30 times 900 core instances", () => doubling(30, instances(900)), undefined, tooMany("instance", 10_001)],
  ["11,000 core instances", () => inParts(11, coreModule()), undefined, tooMany("instance", 10_001)],
  ["10,100 tables", () => instances(101, tables(100)), undefined, tooMany("table", 10_100)],
  ["1,024 core instances", () => doubling(10, instances(1)), undefined, undefined],
  ["more core instances than `limits` allow", () => instances(4), { instances: 3 }, tooMany("instance", 4)],
  ["as many", () => instances(3), { instances: 3, memories: 0, tables: 0 }, undefined],
  ["more memories", () => instances(2, memories(3)), { memories: 5 }, tooMany("memory", 6)],
  ["more tables", () => instances(2, tables(3)), { tables: 5 }, tooMany("table", 6)],
];

describe("a component that makes too many", () => {
  for (const [what, file, limits, message] of crowds) {
    it(`${message === undefined ? "may" : "is ended"}: ${what}`, async () => {
      const made = instantiate(file(), {}, limits === undefined ? {} : { limits });
      if (message === undefined) assert.ok(await made);
      else await assert.rejects(made, (error) => error instanceof LimitError && error.message === message);
    });
  }
});

describe("a budget of modules", () => {
  it("is 10,000 of each, unless it is given", () => {
    for (const [defined, what] of [
      [{ tables: 0, memories: 5001 }, "memory"],
      [{ tables: 5001, memories: 0 }, "table"],
    ] as const) {
      const budget = new ModuleBudget();
      budget.take(defined);
      assert.throws(() => budget.take(defined), { name: "LimitError", message: tooMany(what, 10_002) });
      const more = new ModuleBudget({ maxMemories: 10_002, maxTables: 10_002 });
      more.take(defined);
      more.take(defined);
    }
  });
});

const scratch = scratchDirectory();
const files = { doubling: join(scratch, "doubling.wasm"), memories: join(scratch, "memories.wasm") };
before(() => {
  writeFileSync(files.doubling, doubling(30, instances(900)));
  writeFileSync(files.memories, memories(6000));
});

for (const host of here) {
  describe(`crowds on ${host.name}`, { skip: host.skip }, () => {
    it("end a run of a component with status 1", async () => {
      const { status, stderr } = await run(host, files.doubling);
      const message = `Error: failed to run main module \`${files.doubling}\`\n\nCaused by:\n    ${tooMany("instance", 10_001)}\n\n`;
      assert.deepEqual({ status, stderr }, { status: 1, stderr: message });
    });

    it("as many as -W max-instances says", async () => {
      const { status, stderr } = await run(host, files.doubling, { flags: ["-Wmax-instances=901"] });
      assert.equal(status, 1);
      assert.ok(stderr.includes(tooMany("instance", 902)), stderr);
    });

    it("end a run of a core module with status 1", async () => {
      const { status, stderr } = await run(host, files.memories);
      assert.equal(status, 1);
      // JavaScriptCore has the same limit, and is asked first.
      assert.match(stderr, /memories count exceeds limit of 100|there can be at most 100 memories/);
    });
  });
}
