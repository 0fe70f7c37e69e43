/**
 * Whether a core module can keep memory that is in no memory of its own: objects of the engine's garbage-collected heap, which no
 * engine limits. Structs and arrays are, and what exceptions carry where a table or a global holds them.
 */

import { skipConstExpr } from "../core-module.ts";
import { readLimits } from "../core-types.ts";
import { ParseError } from "../errors.ts";
import type { Reader } from "../reader.ts";
import { GLOBAL_SECTION, sectionsOf, TABLE_SECTION, TAG_SECTION, TYPE_SECTION } from "../sections.ts";

const REC = 0x4e;
const SUBTYPES: readonly number[] = [0x50, 0x4f];
const FUNC = 0x60;
const EXN = 0x69;
/** References with a heap type after them. */
const REFERENCES: readonly number[] = [0x63, 0x64];

/** Of what is no valid module, which the engine refuses, it says false. */
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
    if (id === TABLE_SECTION || id === GLOBAL_SECTION) holdsExceptions ||= holds(content, id === TABLE_SECTION);
  }
  return holdsExceptions && hasTags;
}

/** A type that is no function's ends the look. */
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

/** Answers whether it is the type of a function. */
function skipFunc(section: Reader): boolean {
  if (SUBTYPES.includes(section.peek())) {
    section.byte();
    for (let left = section.u32(); left > 0; left--) section.u32();
  }
  if (section.byte() !== FUNC) return false;
  for (const _ of ["parameters", "results"]) for (let left = section.u32(); left > 0; left--) skipType(section);
  return true;
}

/** Answers whether exceptions are of that type. */
function skipType(section: Reader): boolean {
  const type = section.byte();
  if (!REFERENCES.includes(type)) return type === EXN;
  return section.s33() === EXN - 0x80;
}

function holds(section: Reader, inTables: boolean): boolean {
  let found = false;
  for (let left = section.u32(); left > 0; left--) {
    const initialized = !inTables || section.peek() === 0x40;
    if (inTables && initialized) section.skip(2);
    found = skipType(section) || found;
    if (inTables) readLimits(section);
    else section.byte();
    if (initialized) skipConstExpr(section);
  }
  return found;
}
