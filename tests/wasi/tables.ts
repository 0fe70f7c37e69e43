/** What the tests of the tables of WASI's types share: they are those of WIT. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { componentEmbed, componentNew } from "@bytecodealliance/jco-transpile/wasm-tools";
import { parseComponent } from "../../src/component/binary/parse.ts";
import { prims } from "../../src/component/types/layout.ts";
import { splitVersion } from "../../src/component/types/names.ts";
import type { ComponentType, FuncType, ResourceId } from "../../src/component/types/types.ts";
import { mistyped } from "../../src/wasi/component/mistyped.ts";
import { type Interfaces, isFunction } from "../../src/wasi/types/table.ts";

interface Version {
  /** As jco has its WIT. */
  readonly version: string;
  /** Of the WIT: those that the others refer to, too. */
  readonly packages: readonly string[];
  readonly tables: readonly Interfaces[];
}

/** The interfaces that a component imports and that have functions or resources. */
function interfacesOf({ tables }: Version): readonly string[] {
  return tables.flatMap((table) => Object.keys(table)).filter((name) => name !== "wasi:cli/run");
}

/** A component that imports all of them, by the WIT that jco has. */
async function witComponent(of: Version): Promise<ComponentType> {
  const folder = new URL(`lib/wit/builtin/${of.version}/`, packageRoot());
  const packages = of.packages.map((name) => {
    const text = readFileSync(fileURLToPath(new URL(`wasi-${name}/package.wit`, folder)), "utf8");
    return `${text.replaceAll(/@unstable\([^)]*\)/g, "").replace(/^package ([^;]*);/m, "package $1 {")}\n}`;
  });
  const imports = interfacesOf(of).map((name) => `  import ${name}@${of.version};`);
  const witSource = ["package a:b;", "world root {", ...imports, "}", ...packages].join("\n");
  const core = await componentEmbed({ witSource, world: "root", dummy: true });
  return parseComponent(new Uint8Array(await componentNew(core))).type;
}

function packageRoot(): URL {
  return new URL("../", import.meta.resolve("@bytecodealliance/jco"));
}

export function testTables(of: Version): void {
  describe(`the tables of the types of WASI ${of.version}`, () => {
    const interfaces = interfacesOf(of);
    let wit: ComponentType;
    before(async () => {
      wit = await witComponent(of);
    });

    it("have the functions and resources of WIT, and no others", () => {
      const met = new Set<ResourceId>();
      assert.deepEqual([...wit.imports.keys()].map((name) => splitVersion(name).base).sort(), [...interfaces].sort());
      for (const [full, imported] of wit.imports) {
        const name = splitVersion(full).base;
        assert.equal(imported.kind, "instance", name);
        const own = [...imported.type.exports].flatMap(([item, wanted]) => {
          if (wanted.kind === "func") return [item];
          if (wanted.kind !== "type" || wanted.type.kind !== "resource" || met.has(wanted.type.resource.root))
            return [];
          met.add(wanted.type.resource.root);
          return [item];
        });
        const table = of.tables.find((each) => name in each)?.[name] ?? {};
        const written = Object.entries(table).filter(([, text]) => text === "resource" || isFunction(text));
        assert.deepEqual(written.map(([item]) => item).sort(), own.sort(), name);
      }
    });

    it("have WIT's types", () => {
      assert.equal(mistyped(wit), undefined);
    });

    it("see each function that has another type", () => {
      const { u8 } = prims;
      for (const [name, imported] of wit.imports) {
        assert.equal(imported.kind, "instance");
        for (const [item, wanted] of imported.type.exports) {
          if (wanted.kind !== "func") continue;
          const others: readonly FuncType[] = [
            { ...wanted.type, params: [...wanted.type.params, { name: "more", type: u8 }] },
            { ...wanted.type, result: wanted.type.result === undefined ? u8 : undefined },
            { ...wanted.type, params: wanted.type.params.map((param) => ({ ...param, type: prims.char })) },
          ];
          const changed = others.filter((_, i) => i < 2 || wanted.type.params.length > 0);
          for (const type of changed) {
            const exports = new Map(imported.type.exports).set(item, { kind: "func", type });
            const imports = new Map(wit.imports).set(name, { kind: "instance", type: { ...imported.type, exports } });
            const found = mistyped({ ...wit, imports });
            assert.deepEqual([...(found?.imports.get(name)?.keys() ?? [])], [item]);
          }
        }
      }
    });
  });
}
