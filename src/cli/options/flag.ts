/** One option of the command line, as the tables describe it. */

/** The option groups, by their long names. */
export type GroupName = "optimize" | "codegen" | "debug" | "wasm" | "wasi" | "record";

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
  /** Its value, or what follows a = in it, names one. */
  readonly names?: "file" | "directory";
  /** What is wrong with a value; undefined: nothing. */
  readonly wrong?: (value: string) => string | undefined;
  /** An empty value is none. */
  readonly filled?: true;
  /** wasmtime has it, Pollux has not. */
  readonly lacking?: true;
}

/** A value that is one of some words. */
export function oneOf(...words: readonly string[]): Required<Pick<Flag, "words" | "wrong">> {
  return { words, wrong: (value) => (words.includes(value) ? undefined : `expected ${words.join(" or ")}`) };
}

/** As it stands in messages: `--wasi <KEY[=VAL[,..]]>`. */
export function spell(flag: Flag): string {
  if (flag.alone !== undefined) return `--${flag.long}[=<${flag.value}>]`;
  return flag.value === undefined ? `--${flag.long}` : `--${flag.long} <${flag.value}>`;
}

/** Its line of help. */
export function describeFlag({ doc, lacking }: Flag): string {
  return lacking ? `${doc} (not supported yet)` : doc;
}
