import { OpenFiles } from "../core/files/open-files.ts";
import { BlockingPoll } from "../core/wait/poll.ts";
import { createUnsupportedMachine } from "../machine/unsupported.ts";
import { checkImports, ModuleLinkError } from "../wasi/p1/import-check.ts";
import { openPreview1 } from "../wasi/p1/imports.ts";
import { readCoreModuleType } from "../wasm/core-module.ts";
import { Interned } from "../wasm/core-types.ts";
import { Reader } from "../wasm/reader.ts";
import type { CoreExternType, CoreLimits, ModuleImport } from "../wasm/types.ts";
import { moduleName } from "./core-modules.ts";
import { DIRECTORY, type ImportStatus, LISTENER } from "./host-needs.ts";

/** The description of a core module: its contents and its needs. */
export interface ModuleInspection {
  readonly kind: "module";
  /** Size in bytes. */
  readonly size: number;
  /** The name in its name section. */
  readonly name: string | undefined;
  /** Whether all its imports exist. */
  readonly runs: boolean;
  /** The reason if it does not run. */
  readonly problem?: string;
  /** The flags of `run` that grant all its imports, without repetition. */
  readonly flags: readonly string[];
  readonly imports: readonly ModuleImportNeed[];
  readonly exports: readonly { readonly name: string; readonly type: string }[];
}

export interface ModuleImportNeed {
  readonly module: string;
  readonly name: string;
  /** Such as `func(i32, i32) -> i32` or `memory 1..16`. */
  readonly type: string;
  readonly status: ImportStatus;
  readonly flags: readonly string[];
  /** The type mismatch. */
  readonly problem?: string;
}

/** The functions that find nothing without a flag. */
const denied: ReadonlyMap<string, string> = new Map([
  ["sock_accept", LISTENER],
  ["fd_prestat_get", DIRECTORY],
]);

/** Describes a core module. Only its imports and exports are validated. @throws ParseError if they cannot be read */
export function inspectModule(bytes: Uint8Array<ArrayBuffer>): ModuleInspection {
  const type = readCoreModuleType(new Reader(bytes), new Interned(), false);
  const given = unflaggedModules();
  const imports = once(type.imports).map((item) => moduleImportNeed(item, given));
  const problem = problemOf(imports);
  return {
    kind: "module",
    size: bytes.length,
    name: moduleName(bytes),
    runs: problem === undefined,
    ...(problem === undefined ? {} : { problem }),
    flags: [...new Set(imports.flatMap(({ flags }) => flags))],
    imports,
    exports: [...type.exports].map(([name, exported]) => ({ name, type: coreTypeText(exported) })),
  };
}

function problemOf(imports: readonly ModuleImportNeed[]): string | undefined {
  const missing = imports.filter(({ status }) => status === "missing");
  if (missing.length > 0)
    return `nothing provides ${missing.map(({ module, name }) => `${module}.${name}`).join(", ")}`;
  const wrong = imports.find(({ problem }) => problem !== undefined);
  return wrong && `${wrong.module}.${wrong.name}: ${wrong.problem}`;
}

/** Removes duplicates: compilers may import a function twice. */
function once(imports: readonly ModuleImport[]): readonly ModuleImport[] {
  return [...new Map(imports.map((item) => [JSON.stringify([item.module, item.name, item.type]), item])).values()];
}

function moduleImportNeed(item: ModuleImport, given: Readonly<Record<string, object>>): ModuleImportNeed {
  const { module, name, type } = item;
  const need = { module, name, type: coreTypeText(type) };
  try {
    checkImports([item], given);
  } catch (error) {
    if (!(error instanceof ModuleLinkError)) throw error;
    const [, problem] = error.causes;
    return problem === undefined
      ? { ...need, status: "missing", flags: [] }
      : { ...need, status: "mistyped", flags: [], problem };
  }
  const flag = denied.get(name);
  return {
    ...need,
    ...(flag === undefined ? { status: "provided", flags: [] } : { status: "linked only", flags: [flag] }),
  };
}

function unflaggedModules(): Readonly<Record<string, object>> {
  const machine = createUnsupportedMachine();
  return openPreview1(machine, new BlockingPoll(machine), {
    args: [],
    env: [],
    stdin: false,
    stdout: false,
    stderr: false,
    listeners: [],
    preopens: [],
    openFiles: new OpenFiles(),
    unstable: true,
  })().modules;
}

function coreTypeText(type: CoreExternType): string {
  switch (type.kind) {
    case "func":
    case "tag": {
      const { params, results } = type.type;
      const result = results.length > 1 ? `(${results.join(", ")})` : results.join("");
      return `${type.kind}(${params.join(", ")})${result === "" ? "" : ` -> ${result}`}`;
    }
    case "memory":
      return `memory ${limitsText(type.limits)}`;
    case "table":
      return `table ${limitsText(type.limits)} ${type.element}`;
    case "global":
      return `global ${type.mutable ? "mut " : ""}${type.type}`;
  }
}

function limitsText({ min, max, shared, is64 }: CoreLimits): string {
  return `${is64 ? "i64 " : ""}${min}..${max ?? ""}${shared ? " shared" : ""}`;
}
