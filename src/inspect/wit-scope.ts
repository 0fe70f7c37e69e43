import { parseExternName, splitVersion } from "../component/types/names.ts";
import type { ExternType, FuncType, ResourceId, TypeDef, ValType } from "../component/types/types.ts";
import { block, definition, identifier, identity, reference, type TypeNames } from "./wit-type.ts";

export type Externs = ReadonlyMap<string, ExternType>;

/** The place of a type's first definition. */
interface Home {
  /** The place's name for `use`: `wasi:io/poll@0.2.6`. */
  readonly place: string;
  readonly name: string;
}

/** The types of a component, by `identity`. */
export type Homes = Map<object, Home>;

/** An item of an interface or world: a type used from another place, or lines of text. */
export type Item = { readonly from: string; readonly used: string } | { readonly lines: readonly string[] };

/** How a scope knows a type. */
type Standing =
  | { readonly kind: "used"; readonly home: Home }
  | { readonly kind: "alias"; readonly of: string }
  | { readonly kind: "defined" };

/** The names and items of an interface or world. */
export class WitScope implements TypeNames {
  readonly #place: string;
  readonly #homes: Homes;
  readonly #names = new Map<object, string>();
  readonly #standings = new Map<string, Standing>();

  /** @param place the scope's name for `use` in other places */
  constructor(place: string, homes: Homes) {
    this.#place = place;
    this.#homes = homes;
  }

  value(type: ValType): string | undefined {
    const key = identity(type);
    const name = key && (this.#names.get(key) ?? this.#homes.get(key)?.name);
    return name && identifier(name);
  }

  resource(id: ResourceId): string {
    return identifier(this.#names.get(id.root) ?? this.#homes.get(id.root)!.name);
  }

  /** Names the types of `externs`. Call it before writing, since an item may refer to a later one. */
  declare(externs: Externs): void {
    for (const [name, { kind, type }] of externs) if (kind === "type") this.#declare(name, type);
  }

  #declare(name: string, def: TypeDef): void {
    const key = def.kind === "resource" ? def.resource.root : def.kind === "value" ? identity(def.type) : undefined;
    const known = key && this.#names.get(key);
    const home = key && this.#homes.get(key);
    if (known !== undefined) {
      if (known !== name) this.#standings.set(name, { kind: "alias", of: known });
      return;
    }
    if (key !== undefined) this.#names.set(key, name);
    if (home !== undefined && home.place !== this.#place) {
      this.#standings.set(name, { kind: "used", home });
      return;
    }
    if (key !== undefined) this.#homes.set(key, { place: this.#place, name });
    this.#standings.set(name, { kind: "defined" });
  }

  /** Returns the item of a declared type. */
  type(name: string, def: TypeDef, around: Externs): Item {
    const standing = this.#standings.get(name);
    if (standing?.kind === "used") {
      const { home } = standing;
      const renamed = home.name === name ? "" : ` as ${identifier(name)}`;
      return { from: seenFrom(this.#place, home.place), used: `${identifier(home.name)}${renamed}` };
    }
    if (standing?.kind === "alias") return { lines: [`type ${identifier(name)} = ${identifier(standing.of)};`] };
    if (def.kind === "value") return { lines: definition(name, def.type, this) };
    if (def.kind === "resource") return { lines: this.#resource(name, around) };
    return { lines: [`// ${def.kind} type ${name}`] };
  }

  /** Returns the items of an interface. A component or module, which interfaces cannot contain, becomes a comment. */
  items(externs: Externs): Map<string, Item> {
    this.declare(externs);
    const items = new Map<string, Item>();
    for (const [name, type] of externs) {
      if (type.kind === "type") items.set(name, this.type(name, type.type, externs));
      else if (type.kind !== "func") items.set(name, { lines: [`// ${type.kind} ${name}`] });
      else if (isPlain(name)) items.set(name, { lines: [`${identifier(name)}: ${this.func(type.type)};`] });
    }
    return items;
  }

  #resource(name: string, around: Externs): readonly string[] {
    const members: string[] = [];
    for (const [item, type] of around) {
      const parsed = type.kind === "func" ? parseExternName(item) : undefined;
      if (type.kind !== "func" || parsed === undefined || !("resource" in parsed) || parsed.resource !== name) continue;
      if (parsed.kind === "constructor") members.push(this.#construction(type.type));
      else members.push(`${identifier(parsed.member)}: ${this.func(type.type, parsed.kind)};`);
    }
    return members.length === 0 ? [`resource ${identifier(name)};`] : block(`resource ${identifier(name)}`, members);
  }

  #construction(type: FuncType): string {
    const fallible = type.result?.kind === "result" ? ` -> ${reference(type.result, this)}` : "";
    return `constructor(${this.#params(type)})${fallible};`;
  }

  func(type: FuncType, kind?: "method" | "static"): string {
    const params = kind === "method" ? { ...type, params: type.params.slice(1) } : type;
    const result = type.result === undefined ? "" : ` -> ${reference(type.result, this)}`;
    return `${kind === "static" ? "static " : ""}${type.async ? "async " : ""}func(${this.#params(params)})${result}`;
  }

  #params({ params }: FuncType): string {
    return params.map(({ name, type }) => `${identifier(name)}: ${reference(type, this)}`).join(", ");
  }
}

/** Returns a place's name as seen from another: an interface of the same package needs only its own name. */
function seenFrom(here: string, place: string): string {
  const [from, to] = [splitVersion(here), splitVersion(place)];
  const [pkg, label] = to.base.split("/");
  if (label === undefined || from.version !== to.version || from.base.split("/")[0] !== pkg) return place;
  return identifier(label);
}

/**
 * Returns whether a function is written by itself: methods, statics and constructors are written with their resource.
 */
export function isPlain(name: string): boolean {
  return parseExternName(name)?.kind === "label";
}

/** Returns the lines of items. Types used from one place are joined, at the front. */
export function linesOf(items: Iterable<Item>): readonly string[] {
  const used = new Map<string, string[]>();
  const own: string[] = [];
  for (const item of items) {
    if ("lines" in item) own.push(...item.lines);
    else used.set(item.from, [...(used.get(item.from) ?? []), item.used]);
  }
  const uses = [...used].map(([from, names]) => `use ${from}.{${names.join(", ")}};`);
  return [...uses, ...own];
}
