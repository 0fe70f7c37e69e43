/**
 * The source of a module's code, by its DWARF 2 to 5: functions, inlined calls, files and lines. Only the units whose code somebody
 * asks for are read. What is invalid is as if it were not there: DWARF is the guest's, and bounds what it makes the host do by its
 * own size.
 */

import { type Abbreviations, readAbbreviations } from "./abbreviations.ts";
import { Budget } from "./budget.ts";
import { DataReader, readString, readUnitLength, type StringPlace } from "./data-reader.ts";
import { LineTable } from "./line-table.ts";
import type { Range } from "./ranges.ts";
import { lastAtMost } from "./search.ts";
import { type DwarfSections, findDwarf } from "./sections.ts";
import { orUndefined, type SourcePlace, Unit, type UnitContext } from "./unit.ts";

export type { SourcePlace };

/** A function at a place, of one that may have been inlined. */
export interface SourceFrame {
  /** The linkage name, or else the name. */
  readonly name: string | undefined;
  readonly place: SourcePlace | undefined;
}

export interface ModuleSymbols {
  /**
   * Returns the frames of the code at an offset from the start of the code section's content: the innermost inlined call first,
   * the function itself last. Empty: nothing is known.
   */
  framesAt(codeOffset: number): readonly SourceFrame[];
  /** Returns the function there that was not inlined, with the place of its declaration. */
  functionAt(codeOffset: number): SourceFrame | undefined;
}

/** How many units that claim to have an address are asked for it. */
const MOST_CLAIMS = 8;

/** How many things of a module stay in memory: units' ranges, functions, attributes of abbreviations, rows and files of lines. */
const MOST_KEPT = 4_000_000;

/** How many units are read: the debug build of a server has 433, in 36 MB. */
const MOST_UNITS = 100_000;

/** How many entries of range lists a question reads. */
const MOST_ASKED = 1_000_000;

/** How many bytes of names and paths an answer has, about. */
const MOST_TEXT = 1_000_000;

/** Returns undefined if the module has no DWARF. */
export function readModuleSymbols(module: Uint8Array<ArrayBuffer>): ModuleSymbols | undefined {
  const sections = findDwarf(module);
  return sections && new Dwarf(sections);
}

class Dwarf implements ModuleSymbols, UnitContext {
  readonly sections: DwarfSections;
  readonly kept = new Budget(MOST_KEPT);
  asked = new Budget(MOST_ASKED);
  #textLeft = MOST_TEXT;
  /** By their offsets; null: it cannot be read. */
  readonly #lineTables = new Map<number, LineTable | null>();
  readonly #abbreviations = new Map<number, Abbreviations>();
  /** By their offsets. */
  readonly #units: readonly Unit[];

  constructor(sections: DwarfSections) {
    this.sections = sections;
    this.#units = this.#readUnits();
  }

  framesAt(codeOffset: number): readonly SourceFrame[] {
    this.#renew();
    for (const unit of this.#unitsWith(codeOffset)) {
      const frames = orUndefined(() => framesIn(unit, codeOffset));
      if (frames !== undefined && frames.length > 0) return frames;
    }
    return [];
  }

  functionAt(codeOffset: number): SourceFrame | undefined {
    this.#renew();
    for (const unit of this.#unitsWith(codeOffset)) {
      const found = orUndefined(() => {
        const { entry } = unit.functionAt(codeOffset) ?? {};
        return entry && { name: unit.nameOf(entry), place: unit.declarationOf(entry) };
      });
      if (found !== undefined) return found;
    }
    return undefined;
  }

  abbreviations(offset: number): Abbreviations {
    let table = this.#abbreviations.get(offset);
    if (table === undefined) {
      table = readAbbreviations(new DataReader(this.sections.abbrev, offset), this.kept);
      this.#abbreviations.set(offset, table);
    }
    return table;
  }

  lineTable(offset: number, addressSize: number): LineTable | undefined {
    let table = this.#lineTables.get(offset);
    if (table === undefined) {
      table = orUndefined(() => new LineTable(this.sections, offset, addressSize, this.kept)) ?? null;
      this.#lineTables.set(offset, table);
    }
    return table ?? undefined;
  }

  text(place: StringPlace): string | undefined {
    if (this.#textLeft <= 0) return undefined;
    const text = readString(place, this.#textLeft);
    this.#textLeft -= text.length;
    return text;
  }

  /** An answer does not depend on those before it. */
  #renew(): void {
    this.asked = new Budget(MOST_ASKED);
    this.#textLeft = MOST_TEXT;
  }

  unitAt(infoOffset: number): Unit | undefined {
    const unit = this.#units[lastAtMost(this.#units.length, (i) => this.#units[i]!.start, infoOffset)];
    return unit !== undefined && infoOffset < unit.end ? unit : undefined;
  }

  /** Of several units, which have a function that the linker kept once, the one whose range ends first is asked first. */
  #unitsWith(address: number): Unit[] {
    const claims: { readonly unit: Unit; readonly end: number }[] = [];
    for (const unit of this.#units) {
      const end = endOf(unit.ranges, address);
      if (end !== undefined) claims.push({ unit, end });
    }
    claims.sort((a, b) => a.end - b.end);
    return claims.slice(0, MOST_CLAIMS).map(({ unit }) => unit);
  }

  /** Reads the heads of all units, up to the first one without a length. */
  #readUnits(): Unit[] {
    const units: Unit[] = [];
    const { info } = this.sections;
    for (let start = 0; start < info.length && units.length < MOST_UNITS; ) {
      const end = orUndefined(() => readUnitLength(new DataReader(info, start)).end);
      if (end === undefined) break;
      const at = start;
      const unit = orUndefined(() => new Unit(this, at, new DataReader(info, at, end)));
      if (unit !== undefined) units.push(unit);
      start = end;
    }
    return units;
  }
}

/** Returns the first end of the ranges that have an address; undefined: none has. */
function endOf(ranges: readonly Range[], address: number): number | undefined {
  let first: number | undefined;
  for (const { start, end } of ranges) {
    if (start <= address && address < end && (first === undefined || end < first)) first = end;
  }
  return first;
}

function framesIn(unit: Unit, codeOffset: number): SourceFrame[] {
  const calls = unit.callsAt(codeOffset);
  let place = unit.placeAt(codeOffset);
  if (calls.length === 0) return place === undefined ? [] : [{ name: undefined, place }];
  return calls.reverse().map(({ entry }) => {
    const frame = { name: unit.nameOf(entry), place };
    // The frame around an inlined call is where it was called.
    place = unit.callPlace(entry);
    return frame;
  });
}
