import type { Reader } from "../../wasm/reader.ts";
import { isInterfaceName, parseExternName } from "../types/names.ts";
import type { ExternType, FuncType, ResourceId } from "../types/types.ts";
import { admit } from "../types/visibility.ts";
import type { Scope } from "./scope.ts";

/** The name of an import or export, with its attributes. */
export interface ExternNameRead {
  readonly name: string;
  /** The interface that the instance implements, if an attribute says so. */
  readonly implements: string | undefined;
}

const attributes = ["implements", "versionsuffix", "external-id"];

export function readExternName(reader: Reader): ExternNameRead {
  const offset = reader.pos;
  const form = reader.byte();
  if (form > 0x02) reader.fail(`invalid leading byte (0x${form.toString(16)}) for component name`, offset);
  const name = reader.name();
  const given = new Map<string, string>();
  if (form === 0x02) {
    reader.vec("attribute", () => {
      const at = reader.pos;
      const kind = attributes[reader.byte()];
      if (kind === undefined) return reader.fail("invalid leading byte for a name's attribute", at);
      if (given.has(kind)) reader.fail(`duplicate '${kind}' option in name`, at);
      given.set(kind, reader.name());
      return kind;
    });
  }
  return { name, implements: given.get("implements") };
}

/** Adds an import or export to its scope. Checks its name, and that the types that it refers to have names. */
export function addExtern(
  reader: Reader,
  scope: Scope,
  direction: "import" | "export",
  read: ExternNameRead,
  type: ExternType,
  offset: number,
): void {
  const { name } = read;
  const externs = direction === "import" ? scope.imports : scope.exports;
  checkName(reader, read, type, externs, offset);
  (direction === "import" ? scope.importNames : scope.exportNames).add(name, reader, offset);
  externs.set(name, type);
  const spend = scope.spender(reader);
  // References inside an instance type are checked where such an instance is imported or exported.
  if (scope.kind === "instance type") return;
  const named = direction === "import" ? scope.namedImports : scope.namedExports;
  if (!admit(type, named, spend)) reader.fail(`${type.kind} not valid to be used as ${direction}`, offset);
  if (direction === "import") admit(type, scope.namedExports, spend);
}

/** Checks a name, which may restrict the type. `around` are the earlier names of the same direction. */
export function checkName(
  reader: Reader,
  { name, implements: interfaceName }: ExternNameRead,
  type: ExternType,
  around: ReadonlyMap<string, ExternType>,
  offset: number,
): void {
  const parsed = parseExternName(name);
  if (parsed === undefined) {
    const why = /^[0-9A-Za-z-]*$/.test(name) ? "is not in kebab case" : "is not a valid extern name";
    reader.fail(`\`${name}\` ${why}`, offset);
  }
  if (interfaceName !== undefined) {
    if (type.kind !== "instance") reader.fail("only instances can have an `implements`", offset);
    if (!isInterfaceName(interfaceName)) reader.fail(`\`${interfaceName}\` must be an interface`, offset);
    if (parsed.kind !== "label") reader.fail(`name \`${name}\` is not valid with \`implements\``, offset);
  }
  if (parsed.kind === "label" || parsed.kind === "interface") return;
  if (type.kind !== "func") reader.fail(`item \`${name}\` is not a func`, offset);
  if (parsed.kind === "static") {
    if (resourceNamed(around, parsed.resource) === undefined) {
      reader.fail("static resource name is not known in this context", offset);
    }
    return;
  }
  const used = parsed.kind === "constructor" ? constructed(reader, type.type, offset) : self(reader, type.type, offset);
  if (resourceNamed(around, parsed.resource) === used) return;
  const owner = [...around].find(([, item]) => isResource(item, used))?.[0];
  if (owner === undefined) reader.fail("resource used in function does not have a name in this context", offset);
  reader.fail(`function does not match expected resource name \`${owner}\``, offset);
}

function resourceNamed(around: ReadonlyMap<string, ExternType>, name: string): ResourceId | undefined {
  const found = around.get(name);
  return found?.kind === "type" && found.type.kind === "resource" ? found.type.resource : undefined;
}

function isResource(type: ExternType, resource: ResourceId): boolean {
  return type.kind === "type" && type.type.kind === "resource" && type.type.resource === resource;
}

/** Returns the resource that a `[constructor]` makes. */
function constructed(reader: Reader, { result }: FuncType, offset: number): ResourceId {
  if (result === undefined) return reader.fail("function should return one value", offset);
  const made = result.kind === "result" ? result.ok : result;
  if (made?.kind === "own") return made.resource;
  return reader.fail("function should return `(own $T)` or `(result (own $T))`", offset);
}

/** Returns the resource of a `[method]`'s first parameter. */
function self(reader: Reader, { params: [first] }: FuncType, offset: number): ResourceId {
  if (first === undefined) return reader.fail("function should have at least one argument", offset);
  if (first.name !== "self") reader.fail("function should have a first argument called `self`", offset);
  if (first.type.kind === "borrow") return first.type.resource;
  return reader.fail("function should take a first argument of `(borrow $T)`", offset);
}
