import { mostSimilar } from "../text/similar.ts";

/** The names of all options of an interface; where one takes an object with options of its own, those. */
export type OptionNames<O> = { readonly [Name in keyof O]-?: true | OptionNames<NonNullable<O[Name]>> };

/**
 * Refuses options that there are not: one that is misspelt would be taken for one that was not given, and a guest have what it
 * should not.
 *
 * @param call What they are of, as messages call it
 * @throws TypeError
 */
export function checkOptions<O extends object>(call: string, given: O, names: OptionNames<O>): void {
  check(call, given, names);
}

function check(call: string, given: object, names: object): void {
  const known = new Map<string, unknown>(Object.entries(names));
  for (const [name, value] of Object.entries(given)) {
    const within = known.get(name);
    if (within === undefined) throw unknownOption(call, name, [...known.keys()]);
    if (isObject(within) && isObject(value)) check(`${call}: ${name}`, value, within);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function unknownOption(call: string, name: string, known: readonly string[]): TypeError {
  const near = mostSimilar(name, known);
  return new TypeError(`${call}: unknown option \`${name}\`${near === undefined ? "" : `: did you mean \`${near}\`?`}`);
}
