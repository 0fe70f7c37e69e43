/**
 * Makes code that its host can stop or suspend while it computes, which no engine offers. Each round of a loop, and each call of a
 * function that calls others, decrements a global. Below 1 a function of the host is called, which may throw. It lies in a table
 * that the module exports: an import would change the index of every function.
 */
import { throwThrough } from "../../core/wait/uncatchable.ts";
import { bodiesOf } from "../code-section.ts";
import { appended, type Edit, editSections, foundPrefix, lengthened, ownPrefix } from "../edit/section-edits.ts";
import { spacesOf } from "../index-spaces.ts";
import { readInstruction } from "../instructions.ts";
import { suspension } from "../jspi.ts";
import { Reader } from "../reader.ts";
import {
  CODE_SECTION,
  EXPORT_SECTION,
  FUNCTION_SECTION,
  GLOBAL_SECTION,
  sectionsOf,
  TABLE_SECTION,
  TYPE_SECTION,
} from "../sections.ts";
import type { CoreFuncType } from "../types.ts";
import { encodeName, leb128, signedLeb128 } from "../writer.ts";

/** The rounds and calls before the host is asked: some tenths of a ms. */
const ROUNDS = 1 << 18;

/** The weight of a call of an import, in rounds: a host's function takes about as long. */
const CALL_OUT = 1 << 8;

/** The name of the exported table. Apostrophes make it unique in the module. */
const EXPORT = "pollux.ask";

const LOOP = 0x03;
const CALL = 0x10;
/** call, call_indirect, return_call, return_call_indirect, call_ref, return_call_ref */
const isCall = (instruction: number) => instruction >= 0x10 && instruction <= 0x15;

/** Returns the module with the checks; the same bytes if there is no code. @throws ParseError */
export function interruptible(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (![...sectionsOf(bytes)].some(({ id }) => id === CODE_SECTION)) return bytes;
  const { types, functions, importedFunctions, globals, tables } = spacesOf(bytes);
  const count = leb128(globals);
  const table = leb128(tables.length);
  const rounds = [0x41, ...signedLeb128(ROUNDS)];
  const ask = [
    0, // no locals
    ...[...rounds, 0x24, ...count], // i32.const, global.set
    ...[0x41, 0, 0x25, ...table, 0xd1, 0x0d, 0], // i32.const 0, table.get, ref.is_null, br_if 0: nobody is asked yet
    ...[0x41, 0, 0x11, ...leb128(types), ...table, 0x0b], // i32.const 0, call_indirect, end
  ];
  const down = (by: number) => [0x23, ...count, 0x41, ...signedLeb128(by), 0x6b, 0x24, ...count]; // global.get, i32.const, i32.sub, global.set
  const check = [
    ...down(1),
    ...[0x23, ...count, 0x41, 1, 0x48, 0x04, 0x40, 0x10, ...leb128(functions), 0x0b], // global.get, i32.const 1, i32.lt_s, if, call $ask, end
  ];
  const callsOut = { imported: importedFunctions, by: down(CALL_OUT) };
  const edits = new Map<number, (content: Reader) => Edit[]>([
    [TYPE_SECTION, (content) => appended(content, [[0x60, 0, 0]])],
    [FUNCTION_SECTION, (content) => appended(content, [leb128(types)])],
    [TABLE_SECTION, (content) => appended(content, [[0x70, 1, 1, 1]])], // funcref, 1 element
    [GLOBAL_SECTION, (content) => appended(content, [[0x7f, 1, ...rounds, 0x0b]])], // i32, mutable
    [EXPORT_SECTION, (content) => appended(content, [[...encodeName(ownPrefix(content, EXPORT)), 1, ...table]])],
    [
      CODE_SECTION,
      (content) => [...appended(content, [[...leb128(ask.length), ...ask]]), ...checks(content, check, callsOut)],
    ],
  ]);
  return editSections(bytes, edits);
}

/**
 * Returns the edits that insert checks at the start of functions that call others and of each loop's round, count calls of imports,
 * and adapt the sizes of the bodies.
 */
function checks(
  content: Reader,
  check: readonly number[],
  { imported, by }: { readonly imported: number; readonly by: readonly number[] },
): Edit[] {
  const edits: Edit[] = [];
  for (const { start, locals, code } of bodiesOf(new Reader(content.bytes, content.pos, content.end))) {
    const first = code.pos;
    const inserted: Edit[] = [];
    let calls = false;
    while (!code.atEnd) {
      const at = code.pos;
      const instruction = readInstruction(code);
      calls ||= isCall(instruction);
      if (instruction === CALL && new Reader(code.bytes, at + 1, code.pos).u32() < imported)
        inserted.push({ start: at, end: at, by });
      if (instruction === LOOP) inserted.push({ start: code.pos, end: code.pos, by: check });
    }
    if (calls) inserted.unshift({ start: first, end: first, by: check });
    if (inserted.length === 0) continue;
    edits.push({ start, end: locals, by: leb128(code.end - locals + lengthened(inserted)) }, ...inserted);
  }
  return edits;
}

const NOTHING: CoreFuncType = { params: [], results: [] };

/**
 * Makes instances of interruptible modules ask whether they may go on.
 *
 * @param ask Throws an uncatchable error if the guest may not go on; returns a promise if it is to be suspended until that resolves
 * @returns A function to be called with the exports of each instance
 */
export function interruptor(ask: () => Promise<void> | undefined): (exports: WebAssembly.Exports) => void {
  const { suspendUntil, wrap } = suspension(NOTHING);
  // Only WebAssembly functions can lie in tables.
  const made = wrap(() => {
    const waiting = ask();
    if (waiting !== undefined) suspendUntil(waiting.catch(throwThrough));
  });
  return (instance) => {
    const table = instance[foundPrefix(instance, EXPORT) ?? ""];
    if (table instanceof WebAssembly.Table) table.set(0, made);
  };
}
