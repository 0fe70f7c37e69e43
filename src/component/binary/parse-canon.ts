import type { Reader } from "../../wasm/reader.ts";
import type { CoreFuncType } from "../../wasm/types.ts";
import { flatten, maxFlatAsyncParams, maxFlatParams, maxFlatResults, spills } from "../types/layout.ts";
import type { FuncType, ResourceId } from "../types/types.ts";
import { type CanonOptions, coreTypeOf } from "./canon.ts";
import { checkNeeds, checkSignature, type Needs, readOptions, refuseLiftOptions, same } from "./canon-options.ts";
import type { Definition } from "./component.ts";
import { needFor, readAsyncBuiltin } from "./parse-async-builtin.ts";
import { readResourceIndex } from "./parse-value-types.ts";
import { entry, type Scope } from "./scope.ts";

/** Reads one entry of a canon section. */
export function readCanon(reader: Reader, scope: Scope): Definition {
  const offset = reader.pos;
  const opcode = reader.byte();
  switch (opcode) {
    case 0x00:
      return readLift(reader, scope, offset);
    case 0x01:
      return readLower(reader, scope, offset);
    case 0x02:
    case 0x04: {
      const resource = readResourceIndex(reader, scope);
      checkOwn(reader, scope, resource, offset);
      scope.coreFuncs.push({ params: ["i32"], results: ["i32"] });
      return { kind: opcode === 0x02 ? "resource.new" : "resource.rep", resource };
    }
    case 0x03: {
      const resource = readResourceIndex(reader, scope);
      scope.coreFuncs.push({ params: ["i32"], results: [] });
      return { kind: "resource.drop", resource };
    }
    default: {
      const builtin = readAsyncBuiltin(opcode, reader, scope, offset);
      needFor(builtin.kind, reader, scope, offset);
      scope.coreFuncs.push(coreTypeOf(builtin));
      return builtin;
    }
  }
}

function checkOwn(reader: Reader, scope: Scope, resource: ResourceId, offset: number): void {
  if (!scope.ownResources.has(resource.root)) reader.fail("type index is not a local resource", offset);
}

/** Reads the sort of a lift or lower, which is always `0x00`. */
function readSort(reader: Reader): void {
  const offset = reader.pos;
  const sort = reader.byte();
  if (sort !== 0x00) reader.fail(`invalid leading byte (0x${sort.toString(16)}) for canonical function`, offset);
}

function readLift(reader: Reader, scope: Scope, offset: number): Definition {
  readSort(reader);
  const func = reader.u32();
  const coreType = entry(scope.coreFuncs, func, "core function", reader, offset);
  const options = readOptions(reader, scope);
  const at = reader.pos;
  const index = reader.u32();
  const def = entry(scope.types, index, "type", reader, at);
  if (def.kind !== "func") return reader.fail(`type index ${index} is not a function type`, at);
  const { type } = def;
  checkAsync(reader, scope, options, type, offset);
  const flat = flatten(type, "lift", options);
  checkLifted(reader, coreType, flat, offset);
  checkNeeds(reader, options, needsOf(type, "lift", options), offset);
  const { postReturn, callback } = options;
  if (postReturn !== undefined) checkSignature(reader, scope, "post-return", postReturn, flat.results, [], offset);
  if (callback !== undefined) {
    checkSignature(reader, scope, "callback", callback, ["i32", "i32", "i32"], ["i32"], offset);
  }
  scope.funcs.push(type);
  return { kind: "lift", func, type, options };
}

function readLower(reader: Reader, scope: Scope, offset: number): Definition {
  readSort(reader);
  const func = reader.u32();
  const type = entry(scope.funcs, func, "function", reader, offset);
  const options = readOptions(reader, scope);
  refuseLiftOptions(reader, options, offset);
  checkAsync(reader, scope, options, type, offset);
  checkNeeds(reader, options, needsOf(type, "lower", options), offset);
  scope.coreFuncs.push(flatten(type, "lower", options));
  return { kind: "lower", func, type, options };
}

function checkAsync(reader: Reader, scope: Scope, options: CanonOptions, type: FuncType, offset: number): void {
  if (options.async) scope.budget.need("async", reader, "canonical option `async` requires", offset);
  if (options.async && !type.async) {
    reader.fail("the `async` canonical option requires an async function type", offset);
  }
}

function checkLifted(reader: Reader, actual: CoreFuncType, wanted: CoreFuncType, offset: number): void {
  const text = (types: readonly string[]): string => `[${types.join(" ")}]`;
  for (const part of ["params", "results"] as const) {
    if (!same(actual[part], wanted[part])) {
      const word = part === "params" ? "parameter" : "result";
      reader.fail(
        `lifted function's ${word} types ${text(wanted[part])} do not match the core function's ${text(actual[part])}`,
        offset,
      );
    }
  }
}

function needsOf(type: FuncType, context: "lift" | "lower", { async }: CanonOptions): Needs {
  const params = type.params.map((param) => param.type);
  const results = type.result === undefined ? [] : [type.result];
  const pointers = params.some((param) => param.info.pointers);
  const returned = type.result?.info.pointers === true;
  if (context === "lift") {
    const spilled = spills(params, maxFlatParams) || pointers;
    // The result of an async lift goes through `task.return`.
    return { memory: returned || spills(results, async ? maxFlatParams : maxFlatResults), realloc: spilled };
  }
  const spilled = spills(params, async ? maxFlatAsyncParams : maxFlatParams) || pointers;
  return { memory: spilled || spills(results, async ? 0 : maxFlatResults), realloc: returned };
}
