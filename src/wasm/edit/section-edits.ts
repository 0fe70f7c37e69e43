/** Edits sections of core modules. */
import { Reader } from "../reader.ts";
import {
  CODE_SECTION,
  EXPORT_SECTION,
  FUNCTION_SECTION,
  GLOBAL_SECTION,
  IMPORT_SECTION,
  MEMORY_SECTION,
  START_SECTION,
  sectionsOf,
  TABLE_SECTION,
  TAG_SECTION,
  TYPE_SECTION,
} from "../sections.ts";
import { EditedCopy, leb128, section } from "../writer.ts";

/**
 * The ids of the sections in their order, custom ones aside. Elements (9) come before the data count (12), which comes before code
 * (10) and data (11).
 */
const ORDER: readonly number[] = [
  ...[TYPE_SECTION, IMPORT_SECTION, FUNCTION_SECTION, TABLE_SECTION, MEMORY_SECTION, TAG_SECTION, GLOBAL_SECTION],
  ...[EXPORT_SECTION, START_SECTION, 9, 12, CODE_SECTION, 11],
];

/** A replacement for a part of a section's content. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly by: readonly number[];
}

/** Returns the number of bytes that the edits add. */
export function lengthened(edits: readonly Edit[]): number {
  return edits.reduce((sum, { start, end, by }) => sum + by.length - (end - start), 0);
}

/** Returns the edits that append entries to a section. A section that is missing is given as its count, 0. */
export function appended({ bytes, pos, end }: Reader, entries: readonly (readonly number[])[]): Edit[] {
  const reader = new Reader(bytes, pos, end);
  const count = reader.u32();
  return [
    { start: pos, end: reader.pos, by: leb128(count + entries.length) },
    { start: end, end, by: entries.flat() },
  ];
}

/** Returns the names in an export section. An appended entry must have another name. */
export function exportNames({ bytes, pos, end }: Reader): string[] {
  const reader = new Reader(bytes, pos, end);
  return reader.vec("export", () => {
    const name = reader.name();
    reader.skip(1);
    reader.u32();
    return name;
  });
}

/** Returns `base` with the fewest apostrophes so that no export's name begins with it. */
export function ownPrefix(exports: Reader, base: string): string {
  const names = exportNames(exports);
  let own = base;
  while (names.some((name) => name.startsWith(own))) own += "'";
  return own;
}

/**
 * Returns the prefix that `ownPrefix` chose for the exports of an instance; undefined if there are no such exports.
 *
 * @param suffix The text that follows the prefix
 */
export function foundPrefix(exports: WebAssembly.Exports, base: string, suffix = ""): string | undefined {
  let own: string | undefined;
  for (const name of Object.keys(exports)) {
    if (!name.startsWith(base) || !name.endsWith(suffix)) continue;
    const prefix = name.slice(0, name.length - suffix.length);
    if (prefix === base.padEnd(prefix.length, "'") && prefix.length > (own?.length ?? 0)) own = prefix;
  }
  return own;
}

/** Stands in for a missing section: only its count, 0. It lies outside the module. */
const empty = (): Reader => new Reader(Uint8Array.of(0));

/**
 * Returns the module with its sections edited. Sections that were missing are inserted in their place.
 *
 * @param edits By section id, in the order of the sections
 * @param leftOut The id of a section to leave out
 */
export function editSections(
  bytes: Uint8Array<ArrayBuffer>,
  edits: ReadonlyMap<number, (content: Reader) => Edit[]>,
  leftOut?: number,
): Uint8Array<ArrayBuffer> {
  const out = new EditedCopy(bytes);
  /**
   * Edits of sections that have not been seen yet. If sections are out of order, one may be inserted here and be seen later all the
   * same: the module stays one that no engine accepts.
   */
  const missing = new Map(edits);
  const before = (rank: number, at: number): void => {
    for (const [id, edit] of missing) {
      if (ORDER.indexOf(id) >= rank) continue;
      missing.delete(id);
      const content = edit(empty()).flatMap(({ by }) => by);
      out.replace(at, at, section(id, content));
    }
  };
  for (const { id, start, content } of sectionsOf(bytes)) {
    before(ORDER.indexOf(id), start);
    missing.delete(id);
    if (id === leftOut) out.replace(start, content.end, []);
    const changes = edits
      .get(id)?.(content)
      .sort((a, b) => a.start - b.start);
    if (changes === undefined) continue;
    const size = content.end - content.pos + lengthened(changes);
    out.replace(start, content.pos, [id, ...leb128(size)]);
    for (const { start: from, end, by } of changes) out.replace(from, end, by);
  }
  before(ORDER.length, bytes.length);
  return out.finish(bytes.length);
}
