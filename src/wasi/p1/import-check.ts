/** Compares a core module's imports with what WASI and other modules provide. */
import { coreMismatch, funcText } from "../../wasm/core-subtype.ts";
import type { CoreExternType, ModuleImport } from "../../wasm/types.ts";
import { coreSignature } from "./abi/signatures.ts";

/**
 * Thrown when a core module cannot be instantiated: an import is missing or has another type, or a limit is exceeded.
 */
export class ModuleLinkError extends Error {
  override readonly name = "ModuleLinkError";
  readonly causes: readonly string[];

  constructor(...causes: readonly string[]) {
    super(causes.join(": "));
    this.causes = causes;
  }
}

export type Provided = Readonly<Record<string, Readonly<Record<string, WebAssembly.ImportValue>>>>;

/** The message for a missing import, in wasmtime's words. */
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

/** Types of items, by module and name. */
export type ItemTypes = Readonly<Record<string, Readonly<Record<string, CoreExternType>>>>;

/**
 * Checks a module's imports. The engine would call a host function of any type with whatever the guest passes, so the
 * type that the guest declares is compared here with the function's own.
 *
 * @param types the types of items that WASI does not provide
 * @throws ModuleLinkError for the first import that is missing, or has another type
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
