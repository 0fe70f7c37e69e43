/**
 * Splits a command line into Pollux's part and the guest's.
 *
 *     pollux [run] [options] [--] <file> [args...]
 *
 * The first word that is no option ends the options: it and all that follows are the guest's. One `--` before it is dropped.
 * An option's value is a string as it was typed: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-n=value`.
 */
import { type Flag, helpFlag, runFlags, spell, versionFlag } from "./options/flags.ts";
import { missingValue, type UsageError, unexpectedArgument, unexpectedValue, usedTwice } from "./usage.ts";

export interface GivenOption {
  readonly flag: Flag;
  /** Undefined for a flag that takes none. */
  readonly value: string | undefined;
}

export interface CommandLine {
  /** The subcommand's name; undefined for the bare form, which means `run`. */
  readonly command: string | undefined;
  /** In the order given. */
  readonly options: readonly GivenOption[];
  /** For run: the file and the guest's arguments. For other commands: everything after the command's name, untouched. */
  readonly rest: readonly string[];
  /** What was wrong after `options`; the options before it come first, as they may end the program (-Shelp). */
  readonly problem?: UsageError;
}

const flags: readonly Flag[] = [...runFlags, helpFlag, versionFlag];

/** @param commands The names that are commands when they come first. */
export function scan(argv: readonly string[], commands: ReadonlySet<string>): CommandLine {
  const first = argv[0];
  const command = first !== undefined && commands.has(first) ? first : undefined;
  if (command !== undefined && command !== "run") return { command, options: [], rest: argv.slice(1) };

  const usage = usageOf(command);
  const words = command === undefined ? argv : argv.slice(1);
  const options: GivenOption[] = [];
  let at = 0;
  const stop = (problem: UsageError): CommandLine => ({ command, options, rest: [], problem });

  for (; at < words.length; at++) {
    const word = words[at]!;
    if (word === "--") {
      at++;
      break;
    }
    if (word === "-" || !word.startsWith("-")) break;

    const split = word.startsWith("--") ? splitLong(word) : splitShort(word);
    for (const [i, { spelled, flag, attached }] of split.entries()) {
      if (!flag) return stop(unexpectedArgument(spelled, usage, similarTo(spelled)));
      if (!flag.repeats && options.some((given) => given.flag === flag)) return stop(usedTwice(spell(flag), usage));
      if (flag.value === undefined) {
        if (attached !== undefined) return stop(unexpectedValue(attached, spell(flag), usage));
        options.push({ flag, value: undefined });
        continue;
      }
      const value = attached ?? (i === split.length - 1 ? words[at + 1] : undefined);
      if (value === undefined || (attached === undefined && value.startsWith("-") && value !== "-")) {
        return stop(missingValue(spell(flag)));
      }
      if (attached === undefined) at++;
      options.push({ flag, value });
    }
  }
  return { command, options, rest: words.slice(at) };
}

export function usageOf(command: string | undefined): string {
  return `Usage: pollux ${command === undefined ? "" : `${command} `}[OPTIONS] <WASM>...`;
}

interface Split {
  /** As it stands in a message. */
  readonly spelled: string;
  readonly flag: Flag | undefined;
  /** The value in the same word. */
  readonly attached: string | undefined;
}

function splitLong(word: string): readonly Split[] {
  const at = word.indexOf("=");
  const spelled = at < 0 ? word : word.slice(0, at);
  const flag = flags.find(({ long }) => `--${long}` === spelled);
  return [{ spelled, flag, attached: at < 0 ? undefined : word.slice(at + 1) }];
}

/** `-vStcp`: letters that take no value, up to one that does, whose value is what is left of the word. */
function splitShort(word: string): readonly Split[] {
  const split: Split[] = [];
  for (let i = 1; i < word.length; i++) {
    const letter = word[i]!;
    const flag = flags.find(({ short }) => short === letter);
    const left = word.slice(i + 1);
    if (flag && flag.value === undefined && !left.startsWith("=")) {
      split.push({ spelled: `-${letter}`, flag, attached: undefined });
      continue;
    }
    const attached = left === "" ? undefined : left.replace(/^=/, "");
    split.push({ spelled: `-${letter}`, flag, attached });
    break;
  }
  return split;
}

function similarTo(spelled: string): readonly string[] {
  return spelled.startsWith("--") ? flags.map(({ long }) => long) : [];
}
