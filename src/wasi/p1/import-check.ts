/** What a core module imports, compared with what WASI and other modules provide. */
import { coreMismatch, funcText } from "../../wasm/core-subtype.ts";
import type { CoreExternType, ModuleImport } from "../../wasm/types.ts";
import { coreSignature } from "./abi/signatures.ts";

/** A core module cannot be instantiated: it imports what is not there, or as something else, or is over a limit. */
export class ModuleLinkError extends Error {
  override readonly name = "ModuleLinkError";
  readonly causes: readonly string[];

  constructor(...causes: readonly string[]) {
    super(causes.join(": "));
    this.causes = causes;
  }
}

export type Provided = Readonly<Record<string, Readonly<Record<string, WebAssembly.ImportValue>>>>;

/** wasmtime's words. */
export function unknownImport({ module, name }: ModuleImport): string {
  return `unknown import: \`${module}::${name}\` has not been defined`;
}

export function isProvided(
  { module, name }: Pick<ModuleImport, "module" | "name">,
  provided: Readonly<Record<string, object>>,
): boolean {
  const items = Object.hasOwn(provided, module) ? provided[module] : undefined;
  return items !== undefined && Object.hasOwn(items, name);
}

/** The types of items, by module and name. */
export type ItemTypes = Readonly<Record<string, Readonly<Record<string, CoreExternType>>>>;

/**
 * The engine would call a function of ours of any type with whatever the guest passes: what the guest thinks that it imports is
 * compared here with what it is.
 *
 * @param types of what WASI does not provide
 * @throws ModuleLinkError for the first that is not there, or is something else
 */
export function checkImports(
  imports: readonly ModuleImport[],
  provided: Readonly<Record<string, object>>,
  types: ItemTypes = {},
): void {
  for (const wanted of imports) {
    if (!isProvided(wanted, provided)) throw new ModuleLinkError(unknownImport(wanted));
    const { module, name, type } = wanted;
    const mismatch = mismatchOf(types[module]?.[name] ?? wasiType(name), type);
    if (mismatch !== undefined)
      throw new ModuleLinkError(`incompatible import type for \`${module}::${name}\``, mismatch);
  }
}

function wasiType(name: string): CoreExternType {
  return { kind: "func", type: coreSignature(name) };
}

function mismatchOf(actual: CoreExternType, expected: CoreExternType): string | undefined {
  const mismatch = coreMismatch(actual, expected);
  if (mismatch === undefined || actual.kind !== "func" || expected.kind !== "func") return mismatch;
  return `types incompatible: expected type \`${funcText(expected.type)}\`, found type \`${funcText(actual.type)}\``;
}
