/** Core modules with edits in some of their sections. */
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
import { leb128, Splice, section } from "../splice.ts";

/** Sections in their order, custom ones aside: 9 has elements, 12 counts data, 11 has them. */
const ORDER: readonly number[] = [
  ...[TYPE_SECTION, IMPORT_SECTION, FUNCTION_SECTION, TABLE_SECTION, MEMORY_SECTION, TAG_SECTION, GLOBAL_SECTION],
  ...[EXPORT_SECTION, START_SECTION, 9, 12, CODE_SECTION, 11],
];

/** A part of a section's content that is replaced. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly by: readonly number[];
}

/** By how many bytes edits make longer what they are made in. */
export function lengthened(edits: readonly Edit[]): number {
  return edits.reduce((sum, { start, end, by }) => sum + by.length - (end - start), 0);
}

/** Entries behind those of a section, which has at least its count. */
export function appended({ bytes, pos, end }: Reader, entries: readonly (readonly number[])[]): Edit[] {
  const reader = new Reader(bytes, pos, end);
  const count = reader.u32();
  return [
    { start: pos, end: reader.pos, by: leb128(count + entries.length) },
    { start: end, end, by: entries.flat() },
  ];
}

/** The names in an export section, of which an entry that is appended needs another one. */
export function exportNames({ bytes, pos, end }: Reader): string[] {
  const reader = new Reader(bytes, pos, end);
  return reader.vec("export", () => {
    const name = reader.name();
    reader.skip(1);
    reader.u32();
    return name;
  });
}

/** `base` with as many apostrophes as make it a name with which no export begins: of those like it the longest. */
export function ownPrefix(exports: Reader, base: string): string {
  const names = exportNames(exports);
  let own = base;
  while (names.some((name) => name.startsWith(own))) own += "'";
  return own;
}

/**
 * The name that `ownPrefix` gave the exports of an instance; undefined: it has none.
 *
 * @param suffix What follows it
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

/** A section that is not there, as if it were: its count alone, which stands outside the module. */
const empty = (): Reader => new Reader(Uint8Array.of(0));

/**
 * The module with its sections edited; those that it has not are put where they belong.
 *
 * @param edits By the ids of the sections, in the order of these
 * @param leftOut The id of a section that is left out
 */
export function editSections(
  bytes: Uint8Array<ArrayBuffer>,
  edits: ReadonlyMap<number, (content: Reader) => Edit[]>,
  leftOut?: number,
): Uint8Array<ArrayBuffer> {
  const out = new Splice(bytes);
  /** Not met yet. In a module whose sections are not in order they may still come: it stays one that no engine takes. */
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
