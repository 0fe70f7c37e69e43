/**
 * The option groups -S -W -O -C -D -R. A group is a table: its keys, each with a value type, one line of help and how far
 * Pollux has it. The parser, the help texts, the completions and the man page all read the same tables.
 */
import { mostSimilar } from "../../../text/similar.ts";
import { UsageError } from "../../output/usage-error.ts";
import { bool, type Kind, ValueError } from "./value.ts";

export interface Key<T = unknown, Repeats extends boolean = boolean> {
  readonly kind: Kind<T>;
  readonly doc: string;
  /** Occurrences add up to a list; else the last one counts. */
  readonly repeats: Repeats;
  /** Whether a value asks for something that Pollux does not have. */
  lacks(value: T): boolean;
  /** What is said of that, after the key's name. */
  readonly refusal: string;
  /** It is accepted, and nobody can tell whether it was given. */
  readonly unused?: true;
}

export const NOT_YET = "is not supported yet";

export type Keys = Readonly<Record<string, Key>>;

export interface Group {
  /** The letter of the short spelling, without its dash. */
  readonly short: string;
  /** The long spelling, without its dashes. */
  readonly long: string;
  readonly doc: string;
  readonly keys: Keys;
  /** Keys of a family: `cranelift-` takes any `cranelift-x[=y]`, which Pollux ignores. */
  readonly prefix?: string;
}

/** What a command line says of a group: a key is absent when it was not given. */
export type Values<K extends Keys> = {
  -readonly [N in keyof K]?: K[N] extends Key<infer T, infer R> ? (R extends true ? T[] : T) : never;
};

const never = () => false;

/** A key that Pollux has, or whose absence no guest and no user can see. */
export function key<T>(kind: Kind<T>, doc: string): Key<T, false> {
  return { kind, doc, repeats: false, lacks: never, refusal: NOT_YET };
}

export function list<T>(kind: Kind<T>, doc: string): Key<T, true> {
  return { kind, doc, repeats: true, lacks: never, refusal: NOT_YET };
}

/** A key that wasmtime has and Pollux has not: `lacks` picks the values that ask for it; a bool asks when it is true. */
export function lacking<T>(kind: Kind<T>, doc: string): Key<T, false> {
  return { kind, doc, repeats: false, lacks: asks, refusal: NOT_YET };
}

/** A key that says what is so anyway: `refusal` is said of one who will not have it. */
export function always(kind: Kind<boolean>, doc: string, refusal: string): Key<boolean, false> {
  return { kind, doc, repeats: false, lacks: (value) => !value, refusal };
}

/** A key that wasmtime has, and that makes no difference here. */
export function unused<T>(kind: Kind<T>, doc: string): Key<T, false> {
  return { ...key(kind, doc), unused: true };
}

function asks(value: unknown): boolean {
  return value !== false;
}

/**
 * Reads one value of -S or another group, as it stands on the command line (`tcp,udp=n`), into `values`, a `Values` of the
 * group's keys.
 *
 * @throws UsageError
 */
export function parseGroup(group: Group, text: string, values: Record<string, unknown>): void {
  for (const piece of text.split(",")) {
    const at = piece.indexOf("=");
    const name = at < 0 ? piece : piece.slice(0, at);
    const value = at < 0 ? undefined : piece.slice(at + 1);
    const known = Object.hasOwn(group.keys, name) ? group.keys[name] : undefined;
    if (!known && group.prefix !== undefined && name.startsWith(group.prefix)) continue;
    if (!known) throw unknownKey(group, name);
    const parsed = parseValue(group, known, piece, value);
    if (!known.repeats) values[name] = parsed;
    else values[name] = [...((values[name] as unknown[] | undefined) ?? []), parsed];
  }
}

/** wasmtime's words; the tip is ours. */
function unknownKey({ short, long, keys }: Group, name: string): UsageError {
  const near = mostSimilar(name, Object.keys(keys));
  const tip = near === undefined ? "" : `\n\n  tip: a similar option exists: '${near}'`;
  return new UsageError(`unknown -${short} / --${long} option: ${name}${tip}`);
}

function parseValue(group: Group, known: Key, piece: string, value: string | undefined): unknown {
  try {
    return known.kind.parse(value);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    const [name] = piece.split("=", 1);
    const { example } = known.kind;
    const tip =
      example === undefined ? "" : `\n\n  tip: a value of the right form: '-${group.short}${name}=${example}'`;
    throw new UsageError(`failed to parse -${group.short} option \`${piece}\`: ${error.message}${tip}`);
  }
}

/**
 * The first key whose value asks for something that Pollux does not have, in the order of
 * the command line; and what is said of it.
 */
export function missingKey(
  group: Group,
  values: Readonly<Record<string, unknown>>,
): { readonly name: string; readonly refusal: string } | undefined {
  for (const [name, value] of Object.entries(values)) {
    const { repeats, lacks, refusal } = group.keys[name]!;
    if (repeats ? (value as unknown[]).some(lacks) : lacks(value)) return { name, refusal };
  }
  return undefined;
}

/** Whether a group's value asks for its help, as in `-Shelp`. */
export function isHelp(value: string): boolean {
  return value === "help" || value === "help-long";
}

/** The text of `-Shelp`, to be laid out: a row a key; keys without effect, and those that Pollux lacks, apart. */
export function groupHelp(group: Group): string {
  const entries = Object.entries(group.keys).map(([name, key]) => [`${name}${key.kind.hint}`, key] as const);
  const part = (title: string, rows: readonly string[]) => (rows.length === 0 ? "" : `${title}\n\n${rows.join("")}`);
  const row = ([spelled, { doc }]: readonly [string, Key]) => `  -${group.short} ${spelled}\t${doc}\n`;
  const family =
    group.prefix === undefined ? [] : [`  -${group.short} ${group.prefix}KEY[=VAL]\tA setting of Cranelift\n`];
  const parts = [
    part(`Available ${group.long} options:`, entries.filter(([, key]) => !key.unused && !isLacking(key)).map(row)),
    part("Accepted, without effect:", [...entries.filter(([, { unused }]) => unused).map(row), ...family]),
    part("Not supported yet:", entries.filter(([, key]) => isLacking(key)).map(row)),
  ];
  return parts.filter((text) => text !== "").join("\n");
}

/** Whether its plain use, `-Skey` or any value, is refused. */
function isLacking({ lacks, kind }: Key): boolean {
  return lacks(kind === bool ? true : undefined);
}

/** A key's line of help. */
export function describeKey(key: Key): string {
  if (key.unused) return `${key.doc}: without effect`;
  return isLacking(key) ? `${key.doc} (not supported yet)` : key.doc;
}
