/** Compilation units: their entries, read when somebody asks for code of theirs (DWARF 5, sections 3 and 7.5). */
import type { Abbreviation, Abbreviations } from "./abbreviations.ts";
import type { Budget } from "./budget.ts";
import * as dwarf from "./constants.ts";
import { DataReader, DwarfError, readUnitLength, type StringPlace } from "./data-reader.ts";
import { directForm, type Encoding, isUsual, readNumber, skipValue } from "./forms.ts";
import type { LineTable } from "./line-table.ts";
import { isKept, type Range, type RangeContext, readOldRanges, readRanges } from "./ranges.ts";
import type { DwarfSections } from "./sections.ts";

/** What of an entry's attributes this reader uses. Offsets of entries are offsets in `.debug_info`. */
interface Entry {
  name?: StringPlace;
  linkageName?: StringPlace;
  /** The entry that says what this one does not: an abstract origin or a specification. */
  origin?: number;
  compilationDirectory?: StringPlace;
  lineTable?: number;
  lowPc?: number;
  highPc?: number;
  /** Whether `highPc` is the code's length. */
  highPcIsLength?: boolean;
  ranges?: Ranges;
  declaredIn?: number;
  declaredLine?: number;
  declaredColumn?: number;
  calledIn?: number;
  callLine?: number;
  callColumn?: number;
}

interface Ranges {
  readonly form: number;
  readonly value: number;
}

export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A function, or a call of one that was inlined. */
export interface FunctionEntry {
  readonly unit: Unit;
  readonly entry: Entry;
}

/** What a unit asks of the module that it is in. */
export interface UnitContext {
  readonly sections: DwarfSections;
  /** Bounds what stays in memory. */
  readonly kept: Budget;
  /** Bounds what a question reads. */
  readonly asked: Budget;
  abbreviations(offset: number): Abbreviations;
  /** Returns undefined if it cannot be read. */
  lineTable(offset: number, addressSize: number): LineTable | undefined;
  /** Reads a string of an answer; undefined: the answer is too long. */
  text(place: StringPlace): string | undefined;
  unitAt(infoOffset: number): Unit | undefined;
}

/** The bases of a unit's indices: where its part of a section begins. */
interface Bases {
  strOffsets: number;
  addr: number;
  rnglists: number;
}

/** How many origins are followed from an entry. */
const MOST_ORIGINS = 16;

/** How many inlined calls within one another are told; the outermost ones are. */
const MOST_CALLS = 256;

const UT_COMPILE = 1;
const UT_PARTIAL = 3;

export class Unit {
  readonly start: number;
  readonly end: number;
  readonly #context: UnitContext;
  readonly #encoding: Encoding;
  readonly #usual: boolean;
  readonly #abbreviations: Abbreviations;
  /** The offset of its first entry. */
  readonly #root: number;
  readonly #bases: Bases = { strOffsets: 0, addr: 0, rnglists: 0 };
  readonly #entry: Entry;
  readonly ranges: readonly Range[];
  #functions: FunctionRange[] | undefined;

  /** Reads a unit's head and first entry. @throws DwarfError */
  constructor(context: UnitContext, start: number, reader: DataReader) {
    this.#context = context;
    this.start = start;
    const { end, offsetSize } = readUnitLength(reader);
    this.end = end;
    const version = reader.u16();
    if (version < 2 || version > 5) throw new DwarfError(`unit of version ${version}`);
    let abbreviations: number;
    let addressSize: number;
    if (version >= 5) {
      const type = reader.u8();
      if (type !== UT_COMPILE && type !== UT_PARTIAL) throw new DwarfError(`unit of type ${type}`);
      addressSize = reader.u8();
      abbreviations = reader.unsigned(offsetSize);
    } else {
      abbreviations = reader.unsigned(offsetSize);
      addressSize = reader.u8();
    }
    if (addressSize !== 4 && addressSize !== 8) throw new DwarfError(`addresses of ${addressSize} bytes`);
    this.#encoding = { version, addressSize, offsetSize };
    this.#usual = isUsual(this.#encoding);
    this.#abbreviations = context.abbreviations(abbreviations);
    this.#root = reader.pos;
    this.#readBases();
    this.#entry = this.#entryAt(this.#root);
    this.ranges = this.#rangesOf(this.#entry, context.kept);
  }

  /** Returns the function at an address and the calls inlined there, outermost first; empty: none is known. */
  callsAt(address: number): FunctionEntry[] {
    const found = this.#functionAt(address);
    if (found === undefined) return [];
    const calls: FunctionEntry[] = [];
    try {
      this.#collectCalls(found.offset, address, calls);
    } catch (error) {
      if (!(error instanceof DwarfError)) throw error;
    }
    return calls;
  }

  /** Returns the function at an address. */
  functionAt(address: number): FunctionEntry | undefined {
    const found = this.#functionAt(address);
    return found && { unit: this, entry: this.#entryAt(found.offset) };
  }

  /** Returns the place that the code at an address was made of. */
  placeAt(address: number): SourcePlace | undefined {
    const row = this.#lineTable()?.rowAt(address);
    return row && this.#place(row.file, row.line, row.column);
  }

  /** Returns the place of a call that was inlined. */
  callPlace({ calledIn, callLine = 0, callColumn = 0 }: Entry): SourcePlace | undefined {
    return calledIn === undefined ? undefined : this.#place(calledIn, callLine, callColumn);
  }

  /** Returns the linkage name of a function, or its name if it has none. */
  nameOf(entry: Entry): string | undefined {
    return this.#inOrigins(entry, ({ linkageName, name }) => {
      const place = linkageName ?? name;
      return place && this.#context.text(place);
    });
  }

  /** Returns where a function is declared. */
  declarationOf(entry: Entry): SourcePlace | undefined {
    return this.#inOrigins(entry, ({ declaredIn, declaredLine = 0, declaredColumn = 0 }, unit) =>
      declaredIn === undefined ? undefined : unit.#place(declaredIn, declaredLine, declaredColumn),
    );
  }

  /** Returns what `find` finds in an entry or, failing that, in the entries that it refers to. */
  #inOrigins<T>(entry: Entry, find: (entry: Entry, unit: Unit) => T | undefined): T | undefined {
    let [at, unit]: [Entry, Unit] = [entry, this];
    for (let i = 0; i < MOST_ORIGINS; i++) {
      const found = find(at, unit);
      if (found !== undefined) return found;
      const next = at.origin === undefined ? undefined : this.#context.unitAt(at.origin);
      if (next === undefined || at.origin === undefined) return undefined;
      [at, unit] = [next.#entryAt(at.origin), next];
    }
    return undefined;
  }

  #place(file: number, line: number, column: number): SourcePlace | undefined {
    const { compilationDirectory } = this.#entry;
    const read = (place: StringPlace) => this.#context.text(place);
    const base = compilationDirectory === undefined ? "" : read(compilationDirectory);
    const path = base === undefined ? undefined : this.#lineTable()?.path(file, base, read);
    return path === undefined ? undefined : { file: path, line, column };
  }

  #lineTable(): LineTable | undefined {
    const offset = this.#entry.lineTable;
    return offset === undefined ? undefined : this.#context.lineTable(offset, this.#encoding.addressSize);
  }

  #functionAt(address: number): FunctionRange | undefined {
    this.#functions ??= this.#readFunctions();
    // Functions do not overlap, but for those of hostile modules: any will do.
    return this.#functions.find(({ start, end }) => start <= address && address < end);
  }

  /** Goes through all entries: functions may be within namespaces, types and functions. */
  #readFunctions(): FunctionRange[] {
    const functions: FunctionRange[] = [];
    const reader = this.#reader(this.#root);
    try {
      while (!reader.atEnd) {
        const offset = reader.pos;
        const abbreviation = this.#abbreviation(reader);
        if (abbreviation === undefined) continue;
        if (abbreviation.tag !== dwarf.TAG_SUBPROGRAM) {
          this.#skip(reader, abbreviation);
          continue;
        }
        const entry = this.#readEntry(reader, abbreviation);
        if (entry.lowPc === undefined && entry.ranges === undefined) continue;
        for (const { start, end } of this.#rangesOf(entry, this.#context.kept)) {
          this.#context.kept.count();
          functions.push({ start, end, offset });
        }
      }
    } catch (error) {
      if (!(error instanceof DwarfError)) throw error;
    }
    return functions;
  }

  /** Adds the function whose entry is at an offset, and the inlined calls in it that have the address. */
  #collectCalls(offset: number, address: number, calls: FunctionEntry[]): void {
    const reader = this.#reader(offset);
    const root = this.#abbreviation(reader);
    if (root === undefined) return;
    calls.push({ unit: this, entry: this.#readEntry(reader, root) });
    for (let depth = root.hasChildren ? 1 : 0; depth > 0 && calls.length < MOST_CALLS; ) {
      const abbreviation = this.#abbreviation(reader);
      if (abbreviation === undefined) {
        depth--;
        continue;
      }
      if (abbreviation.hasChildren) depth++;
      if (abbreviation.tag !== dwarf.TAG_INLINED_SUBROUTINE) {
        this.#skip(reader, abbreviation);
        continue;
      }
      const entry = this.#readEntry(reader, abbreviation);
      const has = this.#rangesOf(entry, this.#context.asked).some(
        ({ start, end }) => start <= address && address < end,
      );
      if (has) calls.push({ unit: this, entry });
    }
  }

  #rangesOf({ lowPc, highPc, highPcIsLength, ranges }: Entry, budget: Budget): Range[] {
    const { sections } = this.#context;
    if (ranges !== undefined) {
      const context: RangeContext = {
        encoding: this.#encoding,
        base: this.#entry?.lowPc ?? lowPc ?? 0,
        address: (index) => this.#address(index),
        count: () => budget.count(),
      };
      return (
        orUndefined(() =>
          this.#encoding.version < 5
            ? readOldRanges(new DataReader(sections.ranges, ranges.value), context)
            : readRanges(new DataReader(sections.rnglists, this.#rangeList(ranges)), context),
        ) ?? []
      );
    }
    if (lowPc === undefined || highPc === undefined) return [];
    const range = { start: lowPc, end: highPcIsLength === true ? lowPc + highPc : highPc };
    return isKept(range) && range.end <= 2 ** 32 ? [range] : [];
  }

  #rangeList({ form, value }: Ranges): number {
    if (form !== dwarf.FORM_RNGLISTX) return value;
    const { offsetSize } = this.#encoding;
    const { rnglists } = this.#bases;
    return (
      rnglists + new DataReader(this.#context.sections.rnglists, rnglists + value * offsetSize).unsigned(offsetSize)
    );
  }

  #address(index: number): number {
    const { addressSize } = this.#encoding;
    return new DataReader(this.#context.sections.addr, this.#bases.addr + index * addressSize).unsigned(addressSize);
  }

  #indexedString(index: number): StringPlace {
    const { offsetSize } = this.#encoding;
    const { strOffsets, str } = this.#context.sections;
    const offset = new DataReader(strOffsets, this.#bases.strOffsets + index * offsetSize).unsigned(offsetSize);
    return { section: str, offset };
  }

  /** Reads the first entry's bases, which its other attributes may need, wherever they stand in it. */
  #readBases(): void {
    const reader = this.#reader(this.#root);
    for (const { name, form, implicit } of this.#abbreviation(reader)?.attributes ?? []) {
      const value = () => (form === dwarf.FORM_IMPLICIT_CONST ? implicit : readNumber(reader, form, this.#encoding));
      if (name === dwarf.AT_STR_OFFSETS_BASE) this.#bases.strOffsets = value();
      else if (name === dwarf.AT_ADDR_BASE) this.#bases.addr = value();
      else if (name === dwarf.AT_RNGLISTS_BASE) this.#bases.rnglists = value();
      else skipValue(reader, form, this.#encoding);
    }
  }

  #reader(offset: number): DataReader {
    return new DataReader(this.#context.sections.info, offset, this.end);
  }

  #entryAt(offset: number): Entry {
    const reader = this.#reader(offset);
    const abbreviation = this.#abbreviation(reader);
    return abbreviation === undefined ? {} : this.#readEntry(reader, abbreviation);
  }

  /** Reads the abbreviation that an entry begins with; undefined: it is the end of a list of children. */
  #abbreviation(reader: DataReader): Abbreviation | undefined {
    const code = reader.uleb();
    if (code === 0) return undefined;
    const abbreviation = this.#abbreviations.get(code);
    if (abbreviation === undefined) throw new DwarfError(`unknown abbreviation ${code}`);
    return abbreviation;
  }

  #skip(reader: DataReader, { size, attributes }: Abbreviation): void {
    if (size !== undefined && this.#usual) reader.skip(size);
    else for (const { form } of attributes) skipValue(reader, form, this.#encoding);
  }

  #readEntry(reader: DataReader, { attributes }: Abbreviation): Entry {
    const entry: Entry = {};
    for (const { name, form, implicit } of attributes) {
      const direct = form === dwarf.FORM_INDIRECT ? directForm(reader) : form;
      this.#readAttribute(reader, entry, name, direct, implicit);
    }
    return entry;
  }

  #readAttribute(reader: DataReader, entry: Entry, name: number, form: number, implicit: number): void {
    const number = () => (form === dwarf.FORM_IMPLICIT_CONST ? implicit : readNumber(reader, form, this.#encoding));
    switch (name) {
      case dwarf.AT_NAME:
        assign(entry, "name", this.#string(reader, form));
        break;
      case dwarf.AT_LINKAGE_NAME:
      case dwarf.AT_MIPS_LINKAGE_NAME:
        assign(entry, "linkageName", this.#string(reader, form));
        break;
      case dwarf.AT_COMP_DIR:
        assign(entry, "compilationDirectory", this.#string(reader, form));
        break;
      case dwarf.AT_ABSTRACT_ORIGIN:
      case dwarf.AT_SPECIFICATION:
        assign(entry, "origin", this.#reference(reader, form));
        break;
      case dwarf.AT_STMT_LIST:
        entry.lineTable = number();
        break;
      case dwarf.AT_LOW_PC:
        entry.lowPc = this.#addressOf(form, number());
        break;
      case dwarf.AT_HIGH_PC:
        entry.highPcIsLength = form !== dwarf.FORM_ADDR && !isAddressIndex(form);
        entry.highPc = this.#addressOf(form, number());
        break;
      case dwarf.AT_RANGES:
        entry.ranges = { form, value: number() };
        break;
      case dwarf.AT_DECL_FILE:
        entry.declaredIn = number();
        break;
      case dwarf.AT_DECL_LINE:
        entry.declaredLine = number();
        break;
      case dwarf.AT_DECL_COLUMN:
        entry.declaredColumn = number();
        break;
      case dwarf.AT_CALL_FILE:
        entry.calledIn = number();
        break;
      case dwarf.AT_CALL_LINE:
        entry.callLine = number();
        break;
      case dwarf.AT_CALL_COLUMN:
        entry.callColumn = number();
        break;
      default:
        skipValue(reader, form, this.#encoding);
    }
  }

  #addressOf(form: number, value: number): number {
    return isAddressIndex(form) ? this.#address(value) : value;
  }

  /** Returns the offset of the entry that an attribute refers to; undefined: it is in another file. */
  #reference(reader: DataReader, form: number): number | undefined {
    switch (form) {
      case dwarf.FORM_REF1:
      case dwarf.FORM_REF2:
      case dwarf.FORM_REF4:
      case dwarf.FORM_REF8:
      case dwarf.FORM_REF_UDATA:
        return this.start + readNumber(reader, form, this.#encoding);
      case dwarf.FORM_REF_ADDR:
        return readNumber(reader, form, this.#encoding);
      default:
        skipValue(reader, form, this.#encoding);
        return undefined;
    }
  }

  #string(reader: DataReader, form: number): StringPlace | undefined {
    const { str, lineStr } = this.#context.sections;
    switch (form) {
      case dwarf.FORM_STRING:
        return reader.string();
      case dwarf.FORM_STRP:
        return { section: str, offset: readNumber(reader, form, this.#encoding) };
      case dwarf.FORM_LINE_STRP:
        return { section: lineStr, offset: readNumber(reader, form, this.#encoding) };
      case dwarf.FORM_STRX:
      case dwarf.FORM_STRX1:
      case dwarf.FORM_STRX2:
      case dwarf.FORM_STRX3:
      case dwarf.FORM_STRX4:
        return this.#indexedString(readNumber(reader, form, this.#encoding));
      default:
        skipValue(reader, form, this.#encoding);
        return undefined;
    }
  }
}

interface FunctionRange extends Range {
  /** The offset of its entry. */
  readonly offset: number;
}

function isAddressIndex(form: number): boolean {
  return form === dwarf.FORM_ADDRX || (form >= dwarf.FORM_ADDRX1 && form <= dwarf.FORM_ADDRX4);
}

function assign<K extends keyof Entry>(entry: Entry, key: K, value: Entry[K] | undefined): void {
  if (value !== undefined) entry[key] = value;
}

/** Returns what `read` returns; undefined if the DWARF that it reads is invalid. */
export function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof DwarfError) return undefined;
    throw error;
  }
}
