import { likely, mostSimilar } from "../../text/similar.ts";
import { layout } from "../output/layout.ts";
import { UsageError } from "../output/usage-error.ts";
import { commands, isCommand } from "./commands.ts";
import { type Flag, spell } from "./flag.ts";

/** The width of the forms that an error explains, columns. */
const TABLE_WIDTH = 100;

const more = "For more information, try '--help'.";

/** The general usage. The bare form shows that there are commands too. */
export function usage(command: string | undefined): string {
  return command === undefined
    ? "Usage: pollux [OPTIONS] <WASM>...\n       pollux <COMMAND>"
    : `Usage: pollux ${command} [OPTIONS] ${operands(command)}`.trimEnd();
}

/** Returns the operands of a command, as usage shows them. */
function operands(command = "run"): string {
  return isCommand(command) ? commands[command].operands : "";
}

/** The usage with the options that were used. */
export function usageWith(command: string | undefined, flags: readonly Flag[]): string {
  const words = [
    "pollux",
    ...(command === undefined ? [] : [command]),
    ...new Set(flags.map(spell)),
    operands(command),
  ];
  return `Usage: ${words.join(" ")}`.trimEnd();
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

/** Returns the error of an operand too many. */
export function unexpectedOperand(word: string, command: string): UsageError {
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

/** With a value of the right form, or what that form is. */
export function invalidValue(value: string, flag: Flag, reason: string): UsageError {
  const { example } = flag;
  const tip = example?.includes("\n")
    ? `\n\n${layout(example, TABLE_WIDTH)}`
    : example && `\n\n  tip: a value of the right form: '--${flag.long}=${example}'`;
  return new UsageError(`invalid value '${value}' for '${spell(flag)}': ${reason}${tip ?? ""}\n\n${more}`);
}

/** @param placeholder What help calls the operand */
export function invalidOperand(value: string, placeholder: string, reason: string): UsageError {
  return new UsageError(`invalid value '${value}' for '${placeholder}': ${reason}\n\n${more}`);
}

/** The one of `words` that a value is. @param placeholder What help calls the value. @throws UsageError if it is none */
export function oneOf<W extends string>(value: string, words: readonly W[], placeholder: string): W {
  const word = words.find((each) => each === value);
  if (word !== undefined) return word;
  throw new UsageError(`invalid value '${value}' for '${placeholder}'\n  [possible values: ${words.join(", ")}]`);
}

/** @param given The options that were there. */
export function missingOperand(command: string | undefined, given: readonly Flag[]): UsageError {
  const head = `the following required arguments were not provided:\n  ${operands(command)}`;
  return new UsageError(`${head}\n\n${usageWith(command, given)}\n\n${more}`);
}

export function unknownCommand(name: string): UsageError {
  const near = likely(name, Object.keys(commands));
  const tip = near === undefined ? "" : `  tip: a similar subcommand exists: '${near}'\n\n`;
  return new UsageError(`unrecognized subcommand '${name}'\n\n${tip}${usage(undefined)}\n\n${more}`);
}
