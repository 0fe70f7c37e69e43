/**
 * Tells whether a core module can keep memory outside its own memories: objects of the engine's garbage-collected heap, which no
 * engine limits. These are structs, arrays, and the payloads of exceptions that a table or a global holds.
 */

import { readTable, skipConstExpr } from "../core-module.ts";
import { readLimits, skipValueType } from "../core-types.ts";
import { ParseError } from "../errors.ts";
import type { Reader } from "../reader.ts";
import { GLOBAL_SECTION, sectionsOf, TABLE_SECTION, TAG_SECTION, TYPE_SECTION } from "../sections.ts";

const REC = 0x4e;
const SUBTYPES: readonly number[] = [0x50, 0x4f];
const FUNC = 0x60;
/** The heap type of exceptions. */
const EXN = 0x69 - 0x80;

/** Whether a module can keep objects in the engine's heap. False for an invalid module, which the engine refuses. */
export function usesCollectedHeap(module: Uint8Array<ArrayBuffer>): boolean {
  try {
    return finds(module);
  } catch (error) {
    if (error instanceof ParseError) return false;
    throw error;
  }
}

function finds(module: Uint8Array<ArrayBuffer>): boolean {
  let holdsExceptions = false;
  let hasTags = false;
  for (const { id, content } of sectionsOf(module)) {
    if (id === TYPE_SECTION && definesObjects(content)) return true;
    if (id === TAG_SECTION) hasTags = true;
    if (id === TABLE_SECTION) holdsExceptions ||= anyEntry(content, holdsInTable);
    if (id === GLOBAL_SECTION) holdsExceptions ||= anyEntry(content, holdsInGlobal);
  }
  return holdsExceptions && hasTags;
}

/** Whether a type section defines a struct or an array. Reading stops at the first type that is not a function's. */
function definesObjects(section: Reader): boolean {
  for (let left = section.u32(); left > 0; left--) {
    const size = section.peek() === REC ? groupSize(section) : 1;
    for (let member = 0; member < size; member++) if (!skipFunc(section)) return true;
  }
  return false;
}

function groupSize(section: Reader): number {
  section.byte();
  return section.u32();
}

/** Steps over a function type. Returns false if the type is another. */
function skipFunc(section: Reader): boolean {
  if (SUBTYPES.includes(section.peek())) {
    section.byte();
    for (let left = section.u32(); left > 0; left--) section.u32();
  }
  if (section.byte() !== FUNC) return false;
  for (const _ of ["parameters", "results"]) for (let left = section.u32(); left > 0; left--) skipValueType(section);
  return true;
}

/** Whether `holds` is true of any entry of a section. All entries are read. */
function anyEntry(section: Reader, holds: (section: Reader) => boolean): boolean {
  let found = false;
  for (let left = section.u32(); left > 0; left--) found = holds(section) || found;
  return found;
}

/** Whether a table may hold exceptions. */
function holdsInTable(section: Reader): boolean {
  return readTable(section, () => {
    const element = skipValueType(section);
    readLimits(section);
    return element === EXN;
  });
}

/** Whether a global may hold exceptions. Its mutability stands behind its type. */
function holdsInGlobal(section: Reader): boolean {
  const type = skipValueType(section);
  section.byte();
  skipConstExpr(section);
  return type === EXN;
}
