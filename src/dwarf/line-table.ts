/** Line tables: which line the code at an offset was made of (DWARF 5, section 6.2; earlier versions alike). */

import type { Budget } from "./budget.ts";
import { FORM_LINE_STRP, FORM_STRING, FORM_STRP } from "./constants.ts";
import { DataReader, DwarfError, readUnitLength, type StringPlace } from "./data-reader.ts";
import { type Encoding, readNumber, skipValue } from "./forms.ts";
import { lastAtMost } from "./search.ts";
import type { DwarfSections } from "./sections.ts";

interface FileEntry {
  readonly name: StringPlace | undefined;
  readonly directory: number;
}

/** A run of code in one piece; its rows are those of the table from `first` to before `last`. */
interface Sequence {
  readonly start: number;
  readonly end: number;
  readonly first: number;
  readonly last: number;
}

/** A place in a source file. `line` 0: unknown; `column` 0: the line's start, or unknown. */
export interface LineRow {
  readonly file: number;
  readonly line: number;
  readonly column: number;
}

// Opcodes and entry formats (DWARF 5, sections 7.22 and 6.2.5).
const LNS_COPY = 1;
const LNS_ADVANCE_PC = 2;
const LNS_ADVANCE_LINE = 3;
const LNS_SET_FILE = 4;
const LNS_SET_COLUMN = 5;
const LNS_CONST_ADD_PC = 8;
const LNS_FIXED_ADVANCE_PC = 9;
const LNE_END_SEQUENCE = 1;
const LNE_SET_ADDRESS = 2;
const LNE_DEFINE_FILE = 3;
const LNCT_PATH = 1;
const LNCT_DIRECTORY_INDEX = 2;

/** A unit's line table. It is read whole at once: its rows have no index. */
export class LineTable {
  readonly #version: number;
  /** Bounds its rows and files. */
  readonly #budget: Budget;
  readonly #directories: (StringPlace | undefined)[] = [];
  readonly #files: FileEntry[] = [];
  /** The rows, column by column: an object for each would cost ten times as much. */
  readonly #addresses: number[] = [];
  readonly #rowFiles: number[] = [];
  readonly #lines: number[] = [];
  readonly #columns: number[] = [];
  /** By their starts. */
  readonly #sequences: Sequence[] = [];

  /** @throws DwarfError if the table's head is invalid; its rows are read as far as they are valid */
  constructor(sections: DwarfSections, offset: number, addressSize: number, budget: Budget) {
    this.#budget = budget;
    const whole = new DataReader(sections.line, offset);
    const { end, offsetSize } = readUnitLength(whole);
    const reader = new DataReader(sections.line, whole.pos, end);
    this.#version = reader.u16();
    if (this.#version < 2 || this.#version > 5) throw new DwarfError(`line table of version ${this.#version}`);
    const encoding: Encoding = { version: this.#version, offsetSize, addressSize };
    if (this.#version >= 5) {
      reader.skip(1);
      if (reader.u8() !== 0) throw new DwarfError("a line table has segments");
    }
    const headerLength = reader.unsigned(offsetSize);
    const program = new DataReader(sections.line, reader.pos + headerLength, end);
    const minimumLength = reader.u8();
    const operations = this.#version >= 4 ? reader.u8() : 1;
    // Whether a row begins a statement says nothing about its line.
    reader.skip(1);
    const header: Header = {
      minimumLength,
      operations,
      lineBase: reader.i8(),
      lineRange: reader.u8(),
      opcodeBase: reader.u8(),
      lengths: [],
    };
    for (let opcode = 1; opcode < header.opcodeBase; opcode++) header.lengths[opcode] = reader.u8();
    if (this.#version >= 5) this.#readTables(reader, sections, encoding);
    else this.#readOldTables(reader);
    try {
      this.#run(program, header);
    } catch (error) {
      if (!(error instanceof DwarfError)) throw error;
    }
    this.#sequences.sort((a, b) => a.start - b.start);
  }

  /** Returns the row of the code at an address. */
  rowAt(address: number): LineRow | undefined {
    const sequence = this.#sequences[lastAtMost(this.#sequences.length, (i) => this.#sequences[i]!.start, address)];
    if (sequence === undefined || address >= sequence.end) return undefined;
    const { first, last } = sequence;
    const row = first + lastAtMost(last - first, (i) => this.#addresses[first + i]!, address);
    return { file: this.#rowFiles[row]!, line: this.#lines[row]!, column: this.#columns[row]! };
  }

  /** Returns the path of a file, as far as the table tells it, joined to the directory that its unit was compiled in. */
  path(
    file: number,
    compilationDirectory: string,
    read: (place: StringPlace) => string | undefined,
  ): string | undefined {
    const entry = this.#files[this.#version >= 5 ? file : file - 1];
    if (entry?.name === undefined) return undefined;
    // Directory 0 is the compilation directory, which earlier versions do not list.
    const directory =
      entry.directory === 0 ? undefined : this.#directories[entry.directory - (this.#version >= 5 ? 0 : 1)];
    const within = directory === undefined ? "" : read(directory);
    const name = read(entry.name);
    if (within === undefined || name === undefined) return undefined;
    return join(directory === undefined ? compilationDirectory : join(compilationDirectory, within), name);
  }

  #readOldTables(reader: DataReader): void {
    while (reader.section[reader.pos] !== 0) {
      this.#budget.count();
      this.#directories.push(reader.string());
    }
    reader.skip(1);
    while (reader.section[reader.pos] !== 0) this.#addFile(readFile(reader));
    reader.skip(1);
  }

  #readTables(reader: DataReader, sections: DwarfSections, encoding: Encoding): void {
    for (const { name } of readEntries(reader, sections, encoding)) {
      this.#budget.count();
      this.#directories.push(name);
    }
    for (const entry of readEntries(reader, sections, encoding)) this.#addFile(entry);
  }

  #addFile(entry: FileEntry): void {
    this.#budget.count();
    this.#files.push(entry);
  }

  /** Runs the line number program. */
  #run(reader: DataReader, { minimumLength, operations, lineBase, lineRange, opcodeBase, lengths }: Header): void {
    if (operations > 1) throw new DwarfError("code of WebAssembly is no VLIW code");
    let [address, file, line, column] = [0, 1, 1, 0];
    let first = this.#addresses.length;
    const copy = (): void => {
      const rows = this.#addresses;
      // Of several rows at one address the last one counts.
      const same = rows.length > first && rows[rows.length - 1] === address;
      if (!same) this.#budget.count();
      const row = same ? rows.length - 1 : rows.length;
      rows[row] = address;
      this.#rowFiles[row] = file;
      this.#lines[row] = line;
      this.#columns[row] = column;
    };
    while (!reader.atEnd) {
      const opcode = reader.u8();
      if (opcode >= opcodeBase) {
        const adjusted = opcode - opcodeBase;
        if (lineRange === 0) throw new DwarfError("a line table has a line range of 0");
        address += Math.floor(adjusted / lineRange) * minimumLength;
        line += lineBase + (adjusted % lineRange);
        copy();
        continue;
      }
      switch (opcode) {
        case 0: {
          const length = reader.uleb();
          const end = reader.pos + length;
          const extended = reader.u8();
          if (extended === LNE_END_SEQUENCE) {
            this.#endSequence(first, address);
            first = this.#addresses.length;
            [address, file, line, column] = [0, 1, 1, 0];
          } else if (extended === LNE_SET_ADDRESS) {
            address = reader.unsigned(length - 1);
          } else if (extended === LNE_DEFINE_FILE) {
            this.#addFile(readFile(reader));
          }
          reader.skip(end - reader.pos);
          break;
        }
        case LNS_COPY:
          copy();
          break;
        case LNS_ADVANCE_PC:
          address += reader.uleb() * minimumLength;
          break;
        case LNS_ADVANCE_LINE:
          line += reader.sleb();
          break;
        case LNS_SET_FILE:
          file = reader.uleb();
          break;
        case LNS_SET_COLUMN:
          column = reader.uleb();
          break;
        case LNS_CONST_ADD_PC:
          if (lineRange === 0) throw new DwarfError("a line table has a line range of 0");
          address += Math.floor((255 - opcodeBase) / lineRange) * minimumLength;
          break;
        case LNS_FIXED_ADVANCE_PC:
          address += reader.u16();
          break;
        default:
          for (let left = lengths[opcode] ?? 0; left > 0; left--) reader.skipLeb();
      }
    }
  }

  #endSequence(first: number, end: number): void {
    const last = this.#addresses.length;
    if (first === last) return;
    const start = this.#addresses[first]!;
    // Linkers leave the code that they have removed at an address where none is.
    if (start !== 0 && start < end) this.#sequences.push({ start, end, first, last });
  }
}

interface Header {
  readonly minimumLength: number;
  readonly operations: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  /** How many operands a standard opcode has. */
  readonly lengths: number[];
}

/** Reads a file of a table before DWARF 5. */
function readFile(reader: DataReader): FileEntry {
  const name = reader.string();
  const directory = reader.uleb();
  // The time and the length of the file.
  reader.skipLeb();
  reader.skipLeb();
  return { name, directory };
}

/** Reads directories or files of DWARF 5, whose format stands before them. */
function readEntries(reader: DataReader, sections: DwarfSections, encoding: Encoding): FileEntry[] {
  const formats: (readonly [content: number, form: number])[] = [];
  for (let left = reader.u8(); left > 0; left--) formats.push([reader.uleb(), reader.uleb()]);
  const count = reader.uleb();
  // An entry may take no byte at all.
  if (count > reader.end - reader.pos) throw new DwarfError("a line table has more files than bytes");
  const entries: FileEntry[] = [];
  for (let i = 0; i < count; i++) {
    let name: StringPlace | undefined;
    let directory = 0;
    for (const [content, form] of formats) {
      if (content === LNCT_PATH && form === FORM_STRING) name = reader.string();
      else if (content === LNCT_PATH && form === FORM_LINE_STRP)
        name = { section: sections.lineStr, offset: readNumber(reader, form, encoding) };
      else if (content === LNCT_PATH && form === FORM_STRP)
        name = { section: sections.str, offset: readNumber(reader, form, encoding) };
      else if (content === LNCT_DIRECTORY_INDEX) directory = readNumber(reader, form, encoding);
      else skipValue(reader, form, encoding);
    }
    entries.push({ name, directory });
  }
  return entries;
}

/** Joins as a shell does: an absolute path stands alone. Paths of Windows keep their separator. */
function join(base: string, path: string): string {
  if (base === "" || path.startsWith("/") || path.slice(1, 3) === ":/" || isWindowsRoot(path)) return path;
  const separator = isWindowsRoot(base) ? "\\" : "/";
  return base.endsWith(separator) ? base + path : base + separator + path;
}

function isWindowsRoot(path: string): boolean {
  return path.startsWith("\\") || path.slice(1, 3) === ":\\";
}
