/** One option of the command line, as the tables describe it. */
import type { GroupName } from "./groups/groups.ts";
import { ValueError } from "./groups/value.ts";
import type { Settings } from "./settings.ts";

/** Where an option stands in help. */
export type Section = "project" | "server" | "network" | "guest" | "development" | "engine" | "compatibility";

export interface Flag {
  /** Its name without the dashes. */
  readonly long: string;
  /** Its letter without the dash. */
  readonly short?: string;
  /** What stands for its value in texts: `NAME[=VAL]`. Absent: it takes none. */
  readonly value?: string;
  /** What the flag stands for without a value, which is then written after a `=` only. */
  readonly alone?: string;
  readonly doc: string;
  /** May be given more than once. */
  readonly repeats: boolean;
  /** Its value is `key=value,...` of this group. */
  readonly group?: GroupName;
  /** The words that its value may be. */
  readonly words?: readonly string[];
  /** Its value may be several of its words and of others, with commas between. */
  readonly several?: true;
  /** The beginnings of its values, for completions. */
  readonly starts?: readonly string[];
  /** Its value, or what follows a = in it, names one. */
  readonly names?: "file" | "directory";
  /** A value of the right form, for the error of one that has not; with more lines, what that form is. */
  readonly example?: string;
  /** An empty value is none. */
  readonly filled?: true;
  /** wasmtime has it, Pollux has not. */
  readonly lacking?: true;
  readonly section?: Section;
  /** As a `Setting` has it. */
  readonly apply?: (into: Settings, value: string) => void;
}

/** An option of `run` or `serve`. */
export interface Setting extends Flag {
  readonly section: Section;
  /**
   * Changes the settings. Called for each time that it is given.
   *
   * @param value "" of one that takes none
   * @throws ValueError
   */
  readonly apply: (into: Settings, value: string) => void;
}

/** The one of some words that a value is. */
export function oneOf<W extends string>(words: readonly W[], value: string): W {
  const word = words.find((each) => each === value);
  if (word === undefined) throw new ValueError(`expected ${words.join(" or ")}`);
  return word;
}

/** As it stands in messages: `--wasi <KEY[=VAL[,..]]>`. */
export function spell(flag: Flag): string {
  if (flag.alone !== undefined) return `--${flag.long}[=<${flag.value}>]`;
  return flag.value === undefined ? `--${flag.long}` : `--${flag.long} <${flag.value}>`;
}

/** With its letter: `-S, --wasi <KEY[=VAL[,..]]>`. */
export function spellAll(flag: Flag): string {
  return `${flag.short === undefined ? "" : `-${flag.short}, `}${spell(flag)}`;
}

/** Its line of help. */
export function describeFlag({ doc, lacking }: Flag): string {
  return lacking ? `${doc} (not supported yet)` : doc;
}
