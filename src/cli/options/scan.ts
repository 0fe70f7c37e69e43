/**
 * Splits a command line into Pollux's part and the guest's.
 *
 *     pollux [run] [options] [--] <file> [args...]
 *
 * The first word that is no option ends the options: it and all that follows are the guest's. One `--` before it is dropped.
 *     pollux serve [options] <file> [options]
 *
 * A server has no arguments: options may come after its file too, up to a `--`.
 *
 * An option's value is a string as it was typed: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-n=value`.
 */
import { type Flag, spell } from "./flag.ts";
import { devFlags, helpFlag, runFlags, serveFlags, versionFlag } from "./flags.ts";
import { newFlags, selfTestFlags } from "./project-flags.ts";
import {
  missingValue,
  type UsageError,
  unexpectedArgument,
  unexpectedOperand,
  unexpectedValue,
  usage,
  usageWith,
  usedTwice,
} from "./usage.ts";

export interface GivenOption {
  readonly flag: Flag;
  /** Undefined for a flag that takes none. */
  readonly value: string | undefined;
}

export interface CommandLine {
  /** The subcommand's name; undefined for the bare form, which means `run`. */
  readonly command: string | undefined;
  /** In the order given, up to and with --help or --version, which end the program when they are met. */
  readonly options: readonly GivenOption[];
  /** For run and dev: the file and the guest's arguments. For serve: the file, for new the name. For other commands: everything after the command's name, untouched. */
  readonly rest: readonly string[];
  /** What was wrong after `options`; the options before it come first, as they may end the program (-Shelp). */
  readonly problem?: UsageError;
}

/** The options of the commands whose options are read here; of the others it is theirs. */
const flagsOf: ReadonlyMap<string | undefined, readonly Flag[]> = new Map([
  [undefined, runFlags],
  ["run", runFlags],
  ["serve", serveFlags],
  ["new", newFlags],
  ["dev", devFlags],
  ["self-test", selfTestFlags],
]);

/** How many words that are no options these commands have, before or after their options. What follows the others' is a guest's. */
const mostOperands: ReadonlyMap<string | undefined, number> = new Map([
  ["serve", 1],
  ["new", 1],
  ["self-test", 0],
]);

/** @param commands The names that are commands when they come first. */
export function scan(argv: readonly string[], commands: ReadonlySet<string>): CommandLine {
  const [first] = argv;
  const command = first !== undefined && commands.has(first) ? first : undefined;
  const own = flagsOf.get(command);
  if (own === undefined) return { command, options: [], rest: argv.slice(1) };
  const most = mostOperands.get(command);

  const words = command === undefined ? argv : argv.slice(1);
  const flags = [...own, helpFlag, ...(command === undefined ? [versionFlag] : [])];
  const options: GivenOption[] = [];
  /** The words that are no options, where options may come after them too. */
  const operands: string[] = [];
  let at = 0;
  const stop = (problem?: UsageError): CommandLine =>
    problem ? { command, options, rest: [], problem } : { command, options, rest: [] };

  for (; at < words.length; at++) {
    const word = words[at]!;
    if (word === "--") {
      at++;
      break;
    }
    if (word === "-" || !word.startsWith("-")) {
      if (most === undefined) break;
      operands.push(word);
      if (operands.length > most) return stop(unexpectedOperand(word, command));
      continue;
    }

    for (const { spelled, flag, attached } of word.startsWith("--")
      ? splitLong(word, flags)
      : splitShort(word, flags)) {
      if (!flag) return stop(unexpectedArgument(spelled, command, flags, given(options), operands.length > 0));
      if (!flag.repeats && given(options).includes(flag)) return stop(usedTwice(spell(flag), usage(command)));
      if (flag.value === undefined) {
        if (attached !== undefined) return stop(unexpectedValue(attached, spell(flag), usageWith(command, [flag])));
        options.push({ flag, value: undefined });
        if (flag === helpFlag || flag === versionFlag) return stop();
        continue;
      }
      const value = attached ?? flag.alone ?? words[++at];
      if (value === undefined || (value === "" && flag.filled)) return stop(missingValue(spell(flag)));
      if (attached === undefined && flag.alone === undefined && value.startsWith("-") && value !== "-") {
        const [next] = value === "--" ? [] : split(value, flags);
        if (!next || next.flag) return stop(missingValue(spell(flag)));
        return stop(unexpectedArgument(next.spelled, command, flags, given(options), operands.length > 0));
      }
      options.push({ flag, value });
    }
  }
  const rest = [...operands, ...words.slice(at)];
  const [unexpected] = most === undefined ? [] : rest.slice(most);
  return unexpected === undefined ? { command, options, rest } : stop(unexpectedOperand(unexpected, command));
}

function given(options: readonly GivenOption[]): Flag[] {
  return options.map(({ flag }) => flag);
}

interface Piece {
  /** As it stands in a message. */
  readonly spelled: string;
  readonly flag: Flag | undefined;
  /** The value in the same word. */
  readonly attached: string | undefined;
}

function split(word: string, flags: readonly Flag[]): Iterable<Piece> {
  return word.startsWith("--") ? splitLong(word, flags) : splitShort(word, flags);
}

function splitLong(word: string, flags: readonly Flag[]): readonly Piece[] {
  const at = word.indexOf("=");
  const spelled = at < 0 ? word : word.slice(0, at);
  const flag = flags.find(({ long }) => `--${long}` === spelled);
  return [{ spelled, flag, attached: at < 0 ? undefined : word.slice(at + 1) }];
}

/** `-vStcp`: letters that take no value, up to one that does, whose value is what is left of the word. */
function* splitShort(word: string, flags: readonly Flag[]): Generator<Piece> {
  for (let i = 1; i < word.length; i++) {
    const letter = word[i]!;
    const flag = flags.find(({ short }) => short === letter);
    const left = word.slice(i + 1);
    const attached = left === "" ? undefined : left.replace(/^=/, "");
    const alone = flag !== undefined && flag.value === undefined && !left.startsWith("=");
    yield { spelled: `-${letter}`, flag, attached: alone ? undefined : attached };
    if (!alone) return;
  }
}
