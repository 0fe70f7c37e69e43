import type { Reader } from "./reader.ts";
import { EXPORT_SECTION, START_SECTION, sectionsOf } from "./sections.ts";
import { encodeName, leb128, Splice, section } from "./splice.ts";

/** The sections that stand before that of exports: type, import, function, table, memory, tag, global; and custom ones. */
const BEFORE_EXPORTS: ReadonlySet<number> = new Set([0, 1, 2, 3, 4, 5, 13, 6]);

export interface Detached {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The name that the start function is exported by; undefined: there is none. */
  readonly start: string | undefined;
}

/**
 * A core module whose start function is an export instead, to be called once it is instantiated: the engine calls start
 * functions where they cannot be suspended. Nothing else of instantiation comes after them, so no guest can tell.
 */
export function detachStart(bytes: Uint8Array<ArrayBuffer>): Detached {
  const start = findStart(bytes);
  if (start === undefined) return { bytes, start: undefined };
  const out = new Splice(bytes);
  let name = "start";
  let exported = false;
  const add = (content: readonly number[], count: number, at: number, end: number): void => {
    const entry = [...encodeName(name), 0, ...leb128(start)];
    out.replace(at, end, section(EXPORT_SECTION, [...leb128(count + 1), ...content, ...entry]));
    exported = true;
  };
  for (const { id, start: at, content } of sectionsOf(bytes)) {
    if (id === EXPORT_SECTION) {
      const count = content.u32();
      const entries = [...bytes.subarray(content.pos, content.end)];
      const names = exportNames(content, count);
      while (names.has(name)) name += "'";
      add(entries, count, at, content.end);
    } else if (!BEFORE_EXPORTS.has(id) && !exported) {
      add([], 0, at, at);
    }
    if (id === START_SECTION) out.replace(at, content.end, []);
  }
  return { bytes: out.finish(bytes.length), start: name };
}

function findStart(bytes: Uint8Array<ArrayBuffer>): number | undefined {
  for (const { id, content } of sectionsOf(bytes)) if (id === START_SECTION) return content.u32();
  return undefined;
}

function exportNames(body: Reader, count: number): Set<string> {
  const names = new Set<string>();
  for (let left = count; left > 0; left--) {
    names.add(body.name());
    body.byte();
    body.u32();
  }
  return names;
}
