/** The known name that is most like `name`, when one is more than 0.7 like it by Jaro's measure, as clap has it. */
export function mostSimilar(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let highest = 0;
  for (const each of known) {
    const similarity = jaro(name, each);
    // Of two that are alike, clap names the later one.
    if (similarity > 0.7 && similarity >= highest) {
      best = each;
      highest = similarity;
    }
  }
  return best;
}

/** The known name that was probably meant: one that is like it, or has the same letters (`rnu`). */
export function likely(name: string, known: readonly string[]): string | undefined {
  const letters = (word: string) => [...word].sort().join("");
  return mostSimilar(name, known) ?? known.find((each) => letters(each) === letters(name));
}

/** How many names are listed where none is similar. */
const LISTED = 8;

/** Returns a suggestion for an unknown name; undefined if no names are known. */
export function suggestion(name: string, known: readonly string[]): string | undefined {
  const near = likely(name, known);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  if (known.length === 0) return undefined;
  const more = known.length > LISTED ? ", ..." : "";
  return `there is ${known
    .slice(0, LISTED)
    .map((each) => `\`${each}\``)
    .join(", ")}${more}`;
}

/** Jaro similarity, 0 to 1 (M. A. Jaro, 1989): shares of matched characters, less half the transposed ones. */
export function jaro(a: string, b: string): number {
  if (a === b) return 1;
  const reach = Math.max(Math.floor(Math.max(a.length, b.length) / 2) - 1, 0);
  const taken = new Array<boolean>(b.length).fill(false);
  const matched: string[] = [];
  for (let i = 0; i < a.length; i++) {
    for (let j = Math.max(0, i - reach); j < Math.min(b.length, i + reach + 1); j++) {
      if (taken[j] || a[i] !== b[j]) continue;
      taken[j] = true;
      matched.push(a[i]!);
      break;
    }
  }
  if (matched.length === 0) return 0;
  let next = 0;
  let transposed = 0;
  for (let j = 0; j < b.length; j++) {
    if (taken[j] && matched[next++] !== b[j]) transposed++;
  }
  const m = matched.length;
  return (m / a.length + m / b.length + (m - transposed / 2) / m) / 3;
}
