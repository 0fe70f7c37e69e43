/** The types of core WebAssembly that modules import and export. core-types.ts reads them. */

/** A core value type as text: `i32`, `v128`, `(ref null func)`, ... Types are equal if their texts are. */
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

/** A function that core code exports or imports: it takes and returns core values (i64 as bigint). */
export type CoreFunction = (...args: never[]) => unknown;
