/**
 * Kebab-case labels (Explainer.md, `label`; WAVE has the same): words joined by dashes. A word consists of digits and of letters of
 * one case, and the first begins with a letter. Labels come from files and command lines and may have 100,000 characters, so they
 * are read in one pass. A regular expression would backtrack: words of digits alone fit either case.
 */

/** Returns the end of the longest label that begins at `from`; `from` itself if there is none. */
export function labelEnd(text: string, from = 0): number {
  if (caseOf(text.charCodeAt(from)) === undefined) return from;
  let end = wordEnd(text, from);
  while (text.charCodeAt(end) === DASH) {
    const next = wordEnd(text, end + 1);
    if (next === end + 1) break;
    end = next;
  }
  return end;
}

const DASH = 0x2d;

function wordEnd(text: string, from: number): number {
  let letters: "lower" | "upper" | undefined;
  for (let at = from; ; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0x30 && code <= 0x39) continue;
    const found = caseOf(code);
    letters ??= found;
    if (found === undefined || found !== letters) return at;
  }
}

/** Returns the case of an ASCII letter; undefined for other characters, and past the end. */
function caseOf(code: number): "lower" | "upper" | undefined {
  if (code >= 0x61 && code <= 0x7a) return "lower";
  return code >= 0x41 && code <= 0x5a ? "upper" : undefined;
}
