/** How far edits have moved the code of modules: engines tell offsets in what they compiled, and people know the file. */
import { CODE_SECTION, sectionsOf } from "../sections.ts";

/** By the offset of a module in its file: bytes; undefined: there is no one distance, for function bodies were edited. */
const moves = new Map<number, number | undefined>();

/** Must be called with each module that is compiled. @param offset of the module in its file */
export function recordMove(offset: number, source: Uint8Array<ArrayBuffer>, compiled: Uint8Array<ArrayBuffer>): void {
  if (compiled === source) {
    moves.delete(offset);
    return;
  }
  const [from, to] = [codeOf(source), codeOf(compiled)];
  const same = from === undefined || to === undefined || from.end - from.pos === to.end - to.pos;
  moves.set(offset, same ? (to?.pos ?? 0) - (from?.pos ?? 0) : undefined);
}

/** Returns the bytes that code has moved by in the module that was at this offset of its file; undefined: it differs. */
export function moveOf(offset: number): number | undefined {
  return moves.has(offset) ? moves.get(offset) : 0;
}

function codeOf(module: Uint8Array<ArrayBuffer>): { readonly pos: number; readonly end: number } | undefined {
  for (const { id, content } of sectionsOf(module)) if (id === CODE_SECTION) return content;
  return undefined;
}
