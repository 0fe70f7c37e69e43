/** The types of core WebAssembly, as modules import and export them. core-types.ts reads them. */

/** A core value type, as written: `i32`, `v128`, `(ref null func)`, ... equal if the text is. */
export type CoreValType = string;

export interface CoreFuncType {
  readonly params: readonly CoreValType[];
  readonly results: readonly CoreValType[];
}

export interface CoreLimits {
  readonly min: number;
  readonly max: number | undefined;
  readonly shared: boolean;
  readonly is64: boolean;
}

export type CoreExternType =
  | { readonly kind: "func"; readonly type: CoreFuncType }
  | { readonly kind: "table"; readonly element: CoreValType; readonly limits: CoreLimits }
  | { readonly kind: "memory"; readonly limits: CoreLimits; readonly pageSize: number }
  | { readonly kind: "global"; readonly type: CoreValType; readonly mutable: boolean }
  | { readonly kind: "tag"; readonly type: CoreFuncType };

export interface ModuleImport {
  readonly module: string;
  readonly name: string;
  readonly type: CoreExternType;
}

export interface ModuleType {
  readonly imports: readonly ModuleImport[];
  readonly exports: ReadonlyMap<string, CoreExternType>;
}

/** A function that core code exports, or may import: it takes and returns core values (i64 as bigint). */
export type CoreFunction = (...args: never[]) => unknown;
