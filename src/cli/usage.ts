/** Wrong use of the command line: exit status 2, in the shape of wasmtime's argument parser (clap 4). */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const more = "For more information, try '--help'.";

/** @param known The long names, without dashes, that may have been meant. */
export function unexpectedArgument(given: string, usage: string, known: readonly string[]): UsageError {
  const near = mostSimilar(given.replace(/^--/, ""), known);
  const tip =
    near === undefined ? `to pass '${given}' as a value, use '-- ${given}'` : `a similar argument exists: '--${near}'`;
  return new UsageError(`unexpected argument '${given}' found\n\n  tip: ${tip}\n\n${usage}\n\n${more}`);
}

export function missingValue(spelled: string): UsageError {
  return new UsageError(`a value is required for '${spelled}' but none was supplied\n\n${more}`);
}

export function unexpectedValue(value: string, spelled: string, usage: string): UsageError {
  return new UsageError(
    `unexpected value '${value}' for '${spelled}' found; no more were expected\n\n${usage}\n\n${more}`,
  );
}

export function usedTwice(spelled: string, usage: string): UsageError {
  return new UsageError(`the argument '${spelled}' cannot be used multiple times\n\n${usage}\n\n${more}`);
}

export function invalidValue(value: string, spelled: string, reason: string): UsageError {
  return new UsageError(`invalid value '${value}' for '${spelled}': ${reason}\n\n${more}`);
}

export function missingModule(usage: string): UsageError {
  return new UsageError(`the following required arguments were not provided:\n  <WASM>...\n\n${usage}\n\n${more}`);
}

/** The word most like `given`, when one is more than 0.7 like it by Jaro's measure, as clap has it. */
export function mostSimilar(given: string, words: readonly string[]): string | undefined {
  let best: string | undefined;
  let highest = 0.7;
  for (const word of words) {
    const similarity = jaro(given, word);
    if (similarity > highest) {
      best = word;
      highest = similarity;
    }
  }
  return best;
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
