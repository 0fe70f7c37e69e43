/** Abbreviations: what the entries of a unit have (DWARF 5, section 7.5.3). */
import type { Budget } from "./budget.ts";
import { FORM_IMPLICIT_CONST } from "./constants.ts";
import { type DataReader, DwarfError } from "./data-reader.ts";
import { fixedSize } from "./forms.ts";

export interface Attribute {
  readonly name: number;
  readonly form: number;
  /** The value itself, of an implicit constant. */
  readonly implicit: number;
}

export interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly attributes: readonly Attribute[];
  /** Bytes of an entry in DWARF32 with 4-byte addresses, if all its attributes have a fixed size. */
  readonly size: number | undefined;
}

export type Abbreviations = ReadonlyMap<number, Abbreviation>;

/** Reads a table, to the zero that ends it. @throws DwarfError */
export function readAbbreviations(reader: DataReader, budget: Budget): Abbreviations {
  const table = new Map<number, Abbreviation>();
  for (let code = reader.uleb(); code !== 0; code = reader.uleb()) {
    const tag = reader.uleb();
    const hasChildren = reader.u8() !== 0;
    const attributes: Attribute[] = [];
    let size: number | undefined = 0;
    for (;;) {
      budget.count();
      const name = reader.uleb();
      const form = reader.uleb();
      if (name === 0 && form === 0) break;
      attributes.push({ name, form, implicit: form === FORM_IMPLICIT_CONST ? reader.sleb() : 0 });
      const fixed = fixedSize(form);
      size = size === undefined || fixed === undefined ? undefined : size + fixed;
    }
    if (table.has(code)) throw new DwarfError(`abbreviation ${code} is there twice`);
    table.set(code, { tag, hasChildren, attributes, size });
  }
  return table;
}
