/**
 * Splits a command line into Pollux's part and the guest's.
 *
 *     pollux [run] [options] [--] <file> [args...]
 *
 * The first word that is no option ends the options: it and all that follows are the guest's. One `--` before it is dropped.
 *     pollux COMMAND [options] <operand> [options]
 *
 * Other commands have no guest with arguments: options may come after an operand too, up to a `--`.
 *
 * An option's value is a string as it was typed: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-n=value`.
 */
import type { UsageError } from "../output/usage-error.ts";
import { type Command, commandNames, commands, isCommand } from "./commands.ts";
import { type Flag, spell } from "./flag.ts";
import { helpFlag, versionFlag } from "./flags.ts";
import {
  missingValue,
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
  /** For run: the file and the guest's arguments. For others: the operands. Of a command that there is not: all after its name. */
  readonly rest: readonly string[];
  /** What was wrong after `options`; the options before it come first, as they may end the program (-Shelp). */
  readonly problem?: UsageError;
}

export function scan(argv: readonly string[]): CommandLine {
  const [first] = argv;
  const command = first !== undefined && commandNames.has(first) ? first : undefined;
  if (command !== undefined && !isCommand(command)) return { command, options: [], rest: argv.slice(1) };

  const words = command === undefined ? argv : argv.slice(1);
  const { most, flags: own }: Command = commands[command ?? "run"];
  const flags = command === undefined ? [...own, versionFlag] : own;
  const options: GivenOption[] = [];
  /** Those of a command that goes on after one. */
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
      if (command === undefined || most === undefined) break;
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
  const beyond = most === undefined ? undefined : rest[most];
  if (command !== undefined && beyond !== undefined) return stop(unexpectedOperand(beyond, command));
  return { command, options, rest };
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
