import type { Reader } from "../../wasm/reader.ts";
import type { CoreFuncType } from "../../wasm/types.ts";
import { flatten, maxFlatParams, maxFlatResults, sequence } from "../types/layout.ts";
import type { FuncType, ResourceId } from "../types/types.ts";
import type { CanonOptions, Definition, StringEncoding } from "./component.ts";
import { readResourceIndex } from "./parse-value-types.ts";
import { entry, type Scope } from "./scope.ts";

/** Canonical built-ins of component model async, threads and error contexts, by opcode. */
const asyncBuiltins: ReadonlyMap<number, string> = new Map([
  [0x05, "task.cancel"],
  [0x06, "subtask.cancel"],
  [0x08, "backpressure.set"],
  [0x09, "task.return"],
  [0x0a, "context.get"],
  [0x0b, "context.set"],
  [0x0c, "thread.yield"],
  [0x0d, "subtask.drop"],
  [0x0e, "stream.new"],
  [0x0f, "stream.read"],
  [0x10, "stream.write"],
  [0x11, "stream.cancel-read"],
  [0x12, "stream.cancel-write"],
  [0x13, "stream.drop-readable"],
  [0x14, "stream.drop-writable"],
  [0x15, "future.new"],
  [0x16, "future.read"],
  [0x17, "future.write"],
  [0x18, "future.cancel-read"],
  [0x19, "future.cancel-write"],
  [0x1a, "future.drop-readable"],
  [0x1b, "future.drop-writable"],
  [0x1c, "error-context.new"],
  [0x1d, "error-context.debug-message"],
  [0x1e, "error-context.drop"],
  [0x1f, "waitable-set.new"],
  [0x20, "waitable-set.wait"],
  [0x21, "waitable-set.poll"],
  [0x22, "waitable-set.drop"],
  [0x23, "waitable.join"],
  [0x24, "backpressure.inc"],
  [0x25, "backpressure.dec"],
  [0x26, "thread.index"],
  [0x27, "thread.new-indirect"],
  [0x28, "thread.resume-later"],
  [0x29, "thread.suspend"],
  [0x2a, "thread.suspend-then-resume"],
  [0x2b, "thread.yield-then-resume"],
  [0x2c, "thread.suspend-then-promote"],
  [0x2d, "thread.yield-then-promote"],
  [0x40, "thread.spawn-ref"],
  [0x41, "thread.spawn-indirect"],
  [0x42, "thread.available-parallelism"],
]);

/** One entry of a canon section. */
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
      const name = asyncBuiltins.get(opcode);
      return reader.fail(
        name === undefined
          ? `invalid leading byte (0x${opcode.toString(16)}) for canonical function`
          : `the canonical function \`${name}\` is not supported: it belongs to component model async (WASI 0.3)`,
        offset,
      );
    }
  }
}

function checkOwn(reader: Reader, scope: Scope, resource: ResourceId, offset: number): void {
  if (!scope.ownResources.has(resource.root)) reader.fail("type index is not a local resource", offset);
}

/** `0x00`, the sort that both lift and lower name. */
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
  const flat = flatten(type, "lift");
  checkSignature(reader, coreType, flat, "lifted", offset);
  checkNeeds(reader, options, type, "lift", offset);
  if (options.postReturn !== undefined) {
    const post = entry(scope.coreFuncs, options.postReturn, "core function", reader, offset);
    if (!same(post.params, flat.results) || post.results.length > 0) {
      reader.fail("canonical option `post-return` uses a core function with an incorrect signature", offset);
    }
  }
  scope.funcs.push(type);
  return { kind: "lift", func, type, options };
}

function readLower(reader: Reader, scope: Scope, offset: number): Definition {
  readSort(reader);
  const func = reader.u32();
  const type = entry(scope.funcs, func, "function", reader, offset);
  const options = readOptions(reader, scope);
  if (options.postReturn !== undefined) {
    reader.fail("canonical option `post-return` cannot be specified for lowerings", offset);
  }
  checkNeeds(reader, options, type, "lower", offset);
  scope.coreFuncs.push(flatten(type, "lower"));
  return { kind: "lower", func, type, options };
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

function checkSignature(
  reader: Reader,
  actual: CoreFuncType,
  wanted: CoreFuncType,
  what: string,
  offset: number,
): void {
  const text = (types: readonly string[]): string => `[${types.join(" ")}]`;
  for (const part of ["params", "results"] as const) {
    if (!same(actual[part], wanted[part])) {
      const word = part === "params" ? "parameter" : "result";
      reader.fail(
        `${what} function's ${word} types ${text(wanted[part])} do not match the core function's ${text(actual[part])}`,
        offset,
      );
    }
  }
}

/** Which options a signature cannot do without. */
function checkNeeds(
  reader: Reader,
  options: CanonOptions,
  type: FuncType,
  context: "lift" | "lower",
  offset: number,
): void {
  const params = type.params.map((param) => param.type);
  const results = type.result === undefined ? [] : [type.result];
  const flatParams = sequence(params).flat;
  const flatResults = sequence(results).flat;
  const spilledParams = flatParams === undefined || flatParams.length > maxFlatParams;
  const spilledResults = flatResults === undefined || flatResults.length > maxFlatResults;
  const pointers = [...params, ...results].some((t) => t.info.pointers);
  const allocates =
    context === "lift" ? spilledParams || params.some((t) => t.info.pointers) : results.some((t) => t.info.pointers);
  if ((pointers || spilledParams || spilledResults) && options.memory === undefined) {
    reader.fail("canonical option `memory` is required", offset);
  }
  if (allocates && options.realloc === undefined) reader.fail("canonical option `realloc` is required", offset);
}

function readOptions(reader: Reader, scope: Scope): CanonOptions {
  let encoding: StringEncoding | undefined;
  let memory: number | undefined;
  let realloc: number | undefined;
  let postReturn: number | undefined;
  for (let left = reader.count("canonical option"); left > 0; left--) {
    const offset = reader.pos;
    const once = (given: unknown, name: string): void => {
      if (given !== undefined) reader.fail(`canonical option \`${name}\` is specified more than once`, offset);
    };
    const opcode = reader.byte();
    switch (opcode) {
      case 0x00:
      case 0x01:
      case 0x02: {
        const name = opcode === 0x00 ? "utf8" : opcode === 0x01 ? "utf16" : "latin1+utf16";
        if (encoding !== undefined) {
          reader.fail(`canonical encoding option \`${encoding}\` conflicts with option \`${name}\``, offset);
        }
        encoding = name;
        break;
      }
      case 0x03: {
        once(memory, "memory");
        memory = reader.u32();
        const type = entry(scope.coreMemories, memory, "core memory", reader, offset);
        if (type.kind === "memory" && type.limits.is64) {
          reader.fail("canonical option `memory` with a 64-bit memory is not supported", offset);
        }
        break;
      }
      case 0x04: {
        once(realloc, "realloc");
        realloc = reader.u32();
        const type = entry(scope.coreFuncs, realloc, "core function", reader, offset);
        if (!same(type.params, ["i32", "i32", "i32", "i32"]) || !same(type.results, ["i32"])) {
          reader.fail("canonical option `realloc` uses a core function with an incorrect signature", offset);
        }
        break;
      }
      case 0x05:
        once(postReturn, "post-return");
        postReturn = reader.u32();
        entry(scope.coreFuncs, postReturn, "core function", reader, offset);
        break;
      case 0x06:
      case 0x07:
        reader.fail(
          `canonical option \`${opcode === 0x06 ? "async" : "callback"}\` is not supported: it belongs to component model async (WASI 0.3)`,
          offset,
        );
        break;
      default:
        reader.fail(`invalid leading byte (0x${opcode.toString(16)}) for canonical option`, offset);
    }
  }
  if (realloc !== undefined && memory === undefined) {
    reader.fail("canonical option `memory` is required when `realloc` is given");
  }
  return { encoding: encoding ?? "utf8", memory, realloc, postReturn };
}
