import type { Reader } from "../../wasm/reader.ts";

/** The names of one direction in one scope, which must be strongly unique (Explainer.md, "Name Uniqueness"). */
export class NameSet {
  readonly #what: string;
  readonly #names = new Map<string, string>();

  constructor(what: string) {
    this.#what = what;
  }

  add(name: string, reader: Reader, offset: number): void {
    const key = canonical(name);
    const previous = this.#names.get(key);
    if (previous !== undefined) {
      reader.fail(`${this.#what} name \`${name}\` conflicts with previous name \`${previous}\``, offset);
    }
    this.#names.set(key, name);
  }
}

/** Returns a form of a name. Two names are strongly unique if their forms differ. */
function canonical(name: string): string {
  const lower = name.toLowerCase();
  if (!lower.startsWith("[")) return lower;
  const plain = lower.replace(/^\[(method|static)\]/, "");
  if (plain === lower) return plain;
  const [resource, member] = plain.split(".");
  return resource === member ? plain.slice(0, plain.indexOf(".")) : plain;
}
