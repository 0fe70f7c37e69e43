import type { Reader } from "../../wasm/reader.ts";
import { maxFlatParams, spills } from "../types/layout.ts";
import type { StreamOrFuture, ValType } from "../types/types.ts";
import { type AsyncBuiltin, type CanonOptions, isThreadBuiltin, type PlainBuiltin } from "./canon.ts";
import { checkMemory, checkNeeds, readOptions, refuseLiftOptions, same } from "./canon-options.ts";
import { readResult } from "./parse-value-types.ts";
import { entry, type Scope } from "./scope.ts";

const plain: ReadonlyMap<number, PlainBuiltin> = new Map([
  [0x05, "task.cancel"],
  [0x0d, "subtask.drop"],
  [0x1e, "error-context.drop"],
  [0x1f, "waitable-set.new"],
  [0x22, "waitable-set.drop"],
  [0x23, "waitable.join"],
  [0x24, "backpressure.inc"],
  [0x25, "backpressure.dec"],
  [0x26, "thread.index"],
  [0x28, "thread.resume-later"],
]);

/** The built-ins at which a thread may yield to others, by opcode. */
const switching: ReadonlyMap<number, PlainBuiltin> = new Map([
  [0x0c, "thread.yield"],
  [0x29, "thread.suspend"],
  [0x2a, "thread.suspend-then-resume"],
  [0x2b, "thread.yield-then-resume"],
  [0x2c, "thread.suspend-then-promote"],
  [0x2d, "thread.yield-then-promote"],
]);

/** The built-ins of streams (opcodes from 0x0e on) and of futures (from 0x15 on), in order. */
const transfers = ["new", "read", "write", "cancel-read", "cancel-write", "drop-readable", "drop-writable"] as const;

const threads = "preemptive threads are a gated part of component model async";
const forwarding = "forwarding is a gated part of component model async";

/** Features behind a gate of the specification, and the messages that refuse them. */
const gated: ReadonlyMap<number, readonly [string, string]> = new Map([
  [0x2e, ["stream.forward", forwarding]],
  [0x2f, ["future.forward", forwarding]],
  [0x40, ["thread.spawn-ref", threads]],
  [0x41, ["thread.spawn-indirect", threads]],
  [0x42, ["thread.available-parallelism", threads]],
]);

/** Reads a built-in, after its opcode. @param offset Of the opcode */
export function readAsyncBuiltin(opcode: number, reader: Reader, scope: Scope, offset: number): AsyncBuiltin {
  const kind = plain.get(opcode);
  if (kind !== undefined) return { kind };
  const switches = switching.get(opcode);
  if (switches !== undefined) {
    refuseCancellable(reader, switches);
    return { kind: switches };
  }
  switch (opcode) {
    case 0x06:
      return { kind: "subtask.cancel", async: reader.flag("async") };
    case 0x09:
      return readTaskReturn(reader, scope, offset);
    case 0x0a:
    case 0x0b:
      return readContext(reader, opcode === 0x0a ? "context.get" : "context.set");
    case 0x1c:
      return readErrorContext("error-context.new", reader, scope, offset);
    case 0x1d:
      return readErrorContext("error-context.debug-message", reader, scope, offset);
    case 0x20:
    case 0x21: {
      const kind = opcode === 0x20 ? "waitable-set.wait" : "waitable-set.poll";
      refuseCancellable(reader, kind);
      const at = reader.pos;
      const memory = reader.u32();
      checkMemory(reader, scope, memory, at);
      return { kind, memory };
    }
  }
  if (opcode === 0x27) return readNewThread(reader, scope, offset);
  const ofStream = transfers[opcode - 0x0e];
  if (ofStream !== undefined) return readTransfer("stream", ofStream, reader, scope, offset);
  const ofFuture = transfers[opcode - 0x15];
  if (ofFuture !== undefined) return readTransfer("future", ofFuture, reader, scope, offset);
  const [name, why] = gated.get(opcode) ?? [];
  return reader.fail(
    name === undefined
      ? `invalid leading byte (0x${opcode.toString(16)}) for canonical function`
      : `the canonical function \`${name}\` is not supported: ${why}`,
    offset,
  );
}

function readErrorContext(
  kind: "error-context.new" | "error-context.debug-message",
  reader: Reader,
  scope: Scope,
  offset: number,
): AsyncBuiltin {
  const options = readOptions(reader, scope);
  checkNeeds(reader, options, { memory: true, realloc: kind === "error-context.debug-message" }, offset);
  if (options.async) reader.fail(`cannot specify \`async\` option on \`${kind}\``, offset);
  refuseLiftOptions(reader, options, offset);
  return { kind, options };
}

function readTaskReturn(reader: Reader, scope: Scope, offset: number): AsyncBuiltin {
  const result = readResult(reader, scope, "`task.return` result");
  const options = readOptions(reader, scope);
  const refuse = (given: boolean, option: string): void => {
    if (given) reader.fail(`cannot specify \`${option}\` option on \`task.return\``, offset);
  };
  refuse(options.realloc !== undefined, "realloc");
  refuse(options.postReturn !== undefined, "post-return");
  refuse(options.async, "async");
  const returned = result === undefined ? [] : [result];
  const memory = spills(returned, maxFlatParams) || result?.info.pointers === true;
  checkNeeds(reader, options, { memory, realloc: false }, offset);
  return { kind: "task.return", result, options };
}

/** Reads the type of a thread's start function, and the table that holds it. */
function readNewThread(reader: Reader, scope: Scope, offset: number): AsyncBuiltin {
  const kind = "thread.new-indirect";
  const typeIndex = reader.u32();
  const table = reader.u32();
  needFor(kind, reader, scope, offset);
  const def = entry(scope.coreTypes, typeIndex, "type", reader, offset);
  if (def.kind === "module") return reader.fail("expected a core function type", offset);
  if (def.kind === "other") return reader.fail("start type must be a function", offset);
  const { params, results } = def.type;
  if (!same(params, ["i32"])) reader.fail("start function must take a single `i32` argument (currently)", offset);
  if (results.length > 0) reader.fail("start function must not return any values", offset);
  const type = entry(scope.coreTables, table, "table", reader, offset);
  if (type.kind !== "table" || type.element !== "(ref null func)" || type.limits.is64 || type.limits.shared)
    reader.fail("table is not a 32-bit table of (ref null (func))", offset);
  return { kind, table };
}

/** Checks that the component may use a built-in. @throws ParseError if not */
export function needFor(kind: AsyncBuiltin["kind"], reader: Reader, scope: Scope, offset: number): void {
  const feature = kind.startsWith("error-context.") ? "error-context" : isThreadBuiltin(kind) ? "threading" : "async";
  scope.budget.need(feature, reader, `\`${kind}\` requires`, offset);
}

/** Reads a core type and a slot. */
function readContext(reader: Reader, kind: "context.get" | "context.set"): AsyncBuiltin {
  const offset = reader.pos;
  const type = reader.byte();
  if (type === 0x7e) reader.fail(`64-bit \`${kind}\` is not supported`, offset);
  if (type !== 0x7f) reader.fail(`\`${kind}\` only supports \`i32\``, offset);
  const at = reader.pos;
  const slot = reader.u32();
  if (slot !== 0 && slot !== 1) return reader.fail(`\`${kind}\` immediate must be zero or one: ${slot}`, at);
  return { kind, slot };
}

/** Refuses a set `cancellable` byte, which once let a wait end when its task is cancelled (component-model#716). */
function refuseCancellable(reader: Reader, kind: string): void {
  const offset = reader.pos;
  const byte = reader.byte();
  if (byte === 1) {
    reader.fail(`\`cancellable\` on \`${kind}\` is not supported: component model async has it no more`, offset);
  }
  if (byte !== 0) reader.fail(`invalid leading byte (0x${byte.toString(16)}) for \`${kind}\``, offset);
}

function readTransfer(
  of: StreamOrFuture["kind"],
  name: (typeof transfers)[number],
  reader: Reader,
  scope: Scope,
  offset: number,
): AsyncBuiltin {
  const at = reader.pos;
  const def = entry(scope.types, reader.u32(), "type", reader, at);
  const type = def.kind === "value" ? def.type : undefined;
  if ((type?.kind !== "stream" && type?.kind !== "future") || type.kind !== of) {
    return reader.fail(`\`${of}.${name}\` requires a ${of} type`, at);
  }
  switch (name) {
    case "read":
    case "write":
      return { kind: `${of}.${name}`, type, options: readCopyOptions(name, type.payload, reader, scope, offset) };
    case "cancel-read":
    case "cancel-write":
      return { kind: `${of}.${name}`, type, async: reader.flag("async") };
    default:
      return { kind: `${of}.${name}`, type };
  }
}

function readCopyOptions(
  direction: "read" | "write",
  payload: ValType | undefined,
  reader: Reader,
  scope: Scope,
  offset: number,
): CanonOptions {
  const options = readOptions(reader, scope);
  refuseLiftOptions(reader, options, offset);
  const realloc = direction === "read" && payload?.info.pointers === true;
  checkNeeds(reader, options, { memory: payload !== undefined, realloc }, offset);
  return options;
}
