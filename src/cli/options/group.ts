/**
 * The option groups -S -W -O -C -D -R. A group is a table: its keys, each with a value type, one line of help and how far
 * Pollux has it. The parser, the help texts, the completions and the man page all read the same tables.
 */
import { mostSimilar } from "../../text/similar.ts";
import { UsageError } from "./usage.ts";
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
    throw new UsageError(`failed to parse -${group.short} option \`${piece}\`: ${error.message}`);
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

/** What `-Shelp` prints: a line per key. Pollux says of what it lacks that it does. */
export function groupHelp(group: Group): string {
  const entries = Object.entries(group.keys);
  const spelled = entries.map(([name, { kind }]) => `${name}${kind.hint}`);
  if (group.prefix !== undefined) spelled.push(`${group.prefix}KEY[=VAL]`);
  const width = Math.max(...spelled.map((each) => each.length));
  const lines = spelled.map((each, i) => {
    const known = entries[i]?.[1];
    const doc = known ? describeKey(known) : "A setting of Cranelift: accepted, without effect";
    return `  -${group.short} ${each.padStart(width)} -- ${doc}`;
  });
  return `Available ${group.long} options:\n\n${lines.join("\n")}\n`;
}

/** A key's line of help, which says whether its plain use, `-Skey` or any value, is refused. */
export function describeKey({ doc, lacks, kind }: Key): string {
  return lacks(kind === bool ? true : undefined) ? `${doc} (not supported yet)` : doc;
}
