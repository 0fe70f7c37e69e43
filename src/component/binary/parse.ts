import { readCoreModuleType } from "../../wasm/core-module.ts";
import { Reader } from "../../wasm/reader.ts";
import { CoreModuleError } from "../errors.ts";
import { type ResourceId, resourceId } from "../types/types.ts";
import type { Component, ComponentFile, Definition } from "./component.ts";
import { declare, readExternType } from "./declare.ts";
import { addExtern, readExternName } from "./externs.ts";
import { standardFeatures } from "./features.ts";
import { readAlias } from "./parse-alias.ts";
import { readCanon } from "./parse-canon.ts";
import { readCoreTypeDef } from "./parse-core-types.ts";
import { readExport } from "./parse-exports.ts";
import { readCoreInstance, readInstance } from "./parse-instances.ts";
import { componentTypeOf, readTypeDef } from "./parse-types.ts";
import { Budget, entry, Scope } from "./scope.ts";

const maxNesting = 100;

/**
 * Reads and validates a component. `bytes` is kept: core modules are views of it, not copies.
 *
 * @param allowed The features that it may use
 * @throws CoreModuleError if it is a core module
 * @throws ParseError if it is anything else that is no valid component
 */
export function parseComponent(bytes: Uint8Array<ArrayBuffer>, allowed = standardFeatures): ComponentFile {
  const budget = new Budget(allowed);
  return { ...readComponent(new Reader(bytes), undefined, budget), bytes, uses: budget.used };
}

function readComponent(reader: Reader, parent: Scope | undefined, budget: Budget): Component {
  const offset = reader.pos;
  readPreamble(reader);
  const scope = new Scope("component", parent, budget);
  if (scope.depth > maxNesting) reader.fail(`components are nested too deeply: the limit is ${maxNesting}`, offset);
  const definitions: Definition[] = [];
  while (!reader.atEnd) {
    const at = reader.pos;
    const id = reader.byte();
    const size = reader.u32();
    const section = reader.part(size, "section");
    readSection(id, section, scope, definitions, at);
    if (!section.atEnd && id !== 0) section.fail("section size mismatch: unexpected data at the end of the section");
  }
  return { kind: "component", offset, size: reader.end - offset, type: componentTypeOf(scope), definitions };
}

function readPreamble(reader: Reader): void {
  const offset = reader.pos;
  for (const byte of [0x00, 0x61, 0x73, 0x6d]) {
    if (reader.atEnd) reader.fail("unexpected end");
    if (reader.byte() !== byte) reader.fail("magic header not detected: bad magic number", offset);
  }
  const version = reader.byte() | (reader.byte() << 8);
  const layer = reader.byte() | (reader.byte() << 8);
  if (version === 0x01 && layer === 0) {
    throw new CoreModuleError("a core WebAssembly module, where a component was expected", offset);
  }
  if (version !== 0x0d || layer !== 1) {
    const hex = version.toString(16);
    reader.fail(layer === 1 ? `unknown component version: 0x${hex}` : `unknown binary version: 0x${hex}`, offset + 4);
  }
}

function readSection(id: number, section: Reader, scope: Scope, definitions: Definition[], offset: number): void {
  const start = section.pos;
  const each = (what: string, read: () => void, check?: (count: number) => void): void => {
    const count = section.count(what);
    check?.(count);
    for (let left = count; left > 0; left--) {
      const at = section.pos;
      read();
      scope.checkCounts(section, at);
    }
  };
  const instances = (count: number): void => scope.checkCounts(section, start, count);
  const names = (count: number): void => scope.checkNames(section, start, count);
  switch (id) {
    case 0:
      section.name();
      return;
    case 1: {
      definitions.push({ kind: "core-module", offset: section.pos, size: section.end - section.pos });
      checkModulePreamble(section);
      scope.coreModules.push(readCoreModuleType(section, scope.budget.interned));
      scope.checkCounts(section, start);
      return;
    }
    case 2:
      each("core instance", () => definitions.push(readCoreInstance(section, scope)), instances);
      return;
    case 3:
      each("core type", () => readCoreTypeDef(section, scope));
      return;
    case 4: {
      const component = readComponent(section, scope, scope.budget);
      definitions.push({ kind: "component", component });
      scope.components.push(component.type);
      scope.checkCounts(section, start);
      return;
    }
    case 5:
      each("instance", () => definitions.push(readInstance(section, scope)), instances);
      return;
    case 6:
      each("alias", () => readAlias(section, scope, definitions));
      return;
    case 7:
      each("type", () => {
        scope.types.push(readTypeDef(section, scope, () => readResource(section, scope, definitions)));
      });
      return;
    case 8:
      each("canonical function", () => definitions.push(readCanon(section, scope)));
      return;
    case 9:
      section.fail("component start sections are not supported", offset);
      break;
    case 10:
      each(
        "import",
        () => {
          const at = section.pos;
          const name = readExternName(section);
          const type = declare(scope, readExternType(section, scope), "import", section);
          addExtern(section, scope, "import", name, type, at);
          definitions.push({ kind: "import", name: name.name, type });
        },
        names,
      );
      return;
    case 11:
      each("export", () => definitions.push(readExport(section, scope)), names);
      return;
    case 12:
      section.fail("component value sections are not supported", offset);
      break;
    default:
      section.fail(`malformed section id: ${id}`, offset);
  }
}

function checkModulePreamble(section: Reader): void {
  const wanted = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  wanted.forEach((byte, i) => {
    const offset = section.pos + i;
    if (offset >= section.end) section.fail("unexpected end", section.end);
    if (section.bytes[offset] !== byte) {
      section.fail(i < 4 ? "magic header not detected: bad magic number" : "unknown binary version", section.pos);
    }
  });
}

/** Reads a resource type, after its `0x3f`. */
function readResource(reader: Reader, scope: Scope, definitions: Definition[]): ResourceId {
  const offset = reader.pos;
  if (scope.kind !== "component") reader.fail("resources can only be defined within a concrete component", offset);
  if (reader.byte() !== 0x7f) reader.fail("resources can only be represented by `i32`", offset);
  const dtor = reader.flag("resource destructor") ? reader.u32() : undefined;
  if (dtor !== undefined) {
    const type = entry(scope.coreFuncs, dtor, "core function", reader, offset);
    if (type.params.join() !== "i32" || type.results.length > 0) {
      reader.fail("the destructor of a resource must have the core type [i32] -> []", offset);
    }
  }
  const resource = resourceId();
  scope.ownResources.add(resource);
  scope.localResources.add(resource);
  definitions.push({ kind: "resource", resource, dtor });
  return resource;
}
