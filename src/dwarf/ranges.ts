/** Ranges of code (DWARF 5, sections 2.17.3 and 7.25; before: section `.debug_ranges`). */
import { type DataReader, DwarfError } from "./data-reader.ts";
import type { Encoding } from "./forms.ts";

/** Offsets in the content of the code section: from the first to before the second. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** What it takes to read a list. */
export interface RangeContext {
  readonly encoding: Encoding;
  /** What offsets in the list are relative to at first. */
  readonly base: number;
  /** Returns an address by its index in the unit. */
  address(index: number): number;
  /** Counts an entry. @throws DwarfError when there were too many */
  count(): void;
}

/** Whether it is the code of a function that the linker kept: of others it sets the address to 0, or to the highest ones. */
export function isKept({ start, end }: Range): boolean {
  return start !== 0 && start < end;
}

/** Reads a list of `.debug_ranges`: DWARF 4 and before. @throws DwarfError */
export function readOldRanges(reader: DataReader, { encoding, base, count }: RangeContext): Range[] {
  const ranges: Range[] = [];
  const highest = 2 ** (8 * encoding.addressSize) - 1;
  for (let from = base; ; ) {
    count();
    const [start, end] = [reader.unsigned(encoding.addressSize), reader.unsigned(encoding.addressSize)];
    if (start === 0 && end === 0) return ranges;
    if (start === highest) from = end;
    else if (start < highest - 1) add(ranges, from + start, from + end);
  }
}

// Kinds of entries (DWARF 5, section 7.25).
const END_OF_LIST = 0;
const BASE_ADDRESSX = 1;
const STARTX_ENDX = 2;
const STARTX_LENGTH = 3;
const OFFSET_PAIR = 4;
const BASE_ADDRESS = 5;
const START_END = 6;
const START_LENGTH = 7;

/** Reads a list of `.debug_rnglists`. @throws DwarfError */
export function readRanges(reader: DataReader, { encoding, base, address, count }: RangeContext): Range[] {
  const ranges: Range[] = [];
  const read = () => reader.unsigned(encoding.addressSize);
  const highest = 2 ** (8 * encoding.addressSize) - 1;
  for (let from = base; ; ) {
    count();
    const kind = reader.u8();
    let start: number;
    let end: number;
    switch (kind) {
      case END_OF_LIST:
        return ranges;
      case BASE_ADDRESSX:
        from = address(reader.uleb());
        continue;
      case BASE_ADDRESS:
        from = read();
        continue;
      case STARTX_ENDX:
        [start, end] = [address(reader.uleb()), address(reader.uleb())];
        break;
      case STARTX_LENGTH:
        start = address(reader.uleb());
        end = start + reader.uleb();
        break;
      case OFFSET_PAIR:
        [start, end] = [from + reader.uleb(), from + reader.uleb()];
        break;
      case START_END:
        [start, end] = [read(), read()];
        break;
      case START_LENGTH:
        start = read();
        end = start + reader.uleb();
        break;
      default:
        throw new DwarfError(`unknown entry ${kind} of a range list`);
    }
    if (start < highest - 1) add(ranges, start, end);
  }
}

function add(ranges: Range[], start: number, end: number): void {
  const range = { start, end };
  if (isKept(range)) ranges.push(range);
}
