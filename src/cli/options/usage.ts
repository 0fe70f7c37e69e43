import { type Flag, spell } from "./flag.ts";

/** Wrong use of the command line: exit status 2, in the shape of wasmtime's argument parser (clap 4). */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const more = "For more information, try '--help'.";

/** The general usage. The bare form shows that there are commands too. */
export function usage(command: string | undefined): string {
  return command === undefined
    ? "Usage: pollux [OPTIONS] <WASM>...\n       pollux <COMMAND>"
    : `Usage: pollux ${command} [OPTIONS] ${operands(command)}`.trimEnd();
}

const operandsOf: ReadonlyMap<string | undefined, string> = new Map([
  ["serve", "<WASM>"],
  ["new", "<NAME>"],
  ["dev", "[WASM [ARGUMENTS]...]"],
  ["self-test", ""],
]);

/** What stands after the options: a guest of `run` has arguments. */
function operands(command: string | undefined): string {
  return operandsOf.get(command) ?? "<WASM>...";
}

/** The usage with the options that were used. */
export function usageWith(command: string | undefined, flags: readonly Flag[]): string {
  const words = [
    "pollux",
    ...(command === undefined ? [] : [command]),
    ...new Set(flags.map(spell)),
    operands(command),
  ];
  return `Usage: ${words.join(" ")}`;
}

/**
 * @param known What it may have been meant for.
 * @param given The options before it.
 * @param fileGiven Whether the file is before it.
 */
export function unexpectedArgument(
  spelled: string,
  command: string | undefined,
  known: readonly Flag[],
  given: readonly Flag[],
  fileGiven = false,
): UsageError {
  const long = spelled.startsWith("--");
  const name = long
    ? mostSimilar(
        spelled.slice(2),
        known.map((flag) => flag.long),
      )
    : undefined;
  const near = known.find((flag) => flag.long === name);
  const tips = near ? [`a similar argument exists: '--${near.long}'`] : [];
  // Of two tips clap gives both only where all that follows is a guest's.
  if (near === undefined || command !== "serve") tips.push(`to pass '${spelled}' as a value, use '-- ${spelled}'`);
  const used = long ? [...given, ...(near ? [near] : [])] : [];
  return new UsageError(
    [
      `unexpected argument '${spelled}' found`,
      tips.map((tip) => `  tip: ${tip}`).join("\n"),
      used.length > 0 || (long && fileGiven) ? usageWith(command, used) : usage(command),
      more,
    ].join("\n\n"),
  );
}

/** Of a command that takes one file. */
export function unexpectedOperand(word: string, command: string | undefined): UsageError {
  return new UsageError(`unexpected argument '${word}' found\n\n${usage(command)}\n\n${more}`);
}

export function missingValue(spelled: string): UsageError {
  return new UsageError(`a value is required for '${spelled}' but none was supplied\n\n${more}`);
}

export function unexpectedValue(value: string, spelled: string, text: string): UsageError {
  return new UsageError(
    `unexpected value '${value}' for '${spelled}' found; no more were expected\n\n${text}\n\n${more}`,
  );
}

export function usedTwice(spelled: string, text: string): UsageError {
  return new UsageError(`the argument '${spelled}' cannot be used multiple times\n\n${text}\n\n${more}`);
}

export function invalidValue(value: string, spelled: string, reason: string): UsageError {
  return new UsageError(`invalid value '${value}' for '${spelled}': ${reason}\n\n${more}`);
}

/** The one of `words` that a value is. @param placeholder What help calls the value. @throws UsageError if it is none */
export function oneOf<W extends string>(value: string, words: readonly W[], placeholder: string): W {
  const word = words.find((each) => each === value);
  if (word !== undefined) return word;
  throw new UsageError(`invalid value '${value}' for '${placeholder}'\n  [possible values: ${words.join(", ")}]`);
}

/** @param given The options that were there. */
export function missingModule(command: string | undefined, given: readonly Flag[]): UsageError {
  const head = `the following required arguments were not provided:\n  ${operands(command)}`;
  return new UsageError(`${head}\n\n${usageWith(command, given)}\n\n${more}`);
}

export function unknownCommand(name: string): UsageError {
  return new UsageError(`unrecognized subcommand '${name}'\n\n${usage(undefined)}\n\n${more}`);
}

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
