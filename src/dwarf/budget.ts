import { DwarfError } from "./data-reader.ts";

/** How many entries of range lists and abbreviations may be read of a module: a debug build of 25 MB has 200,000. */
const MOST_ENTRIES = 4_000_000;

/** Bounds what units share: all of them could name one long list. */
export class Budget {
  #left = MOST_ENTRIES;

  /** Counts an entry. @throws DwarfError when there were too many */
  count(): void {
    if (--this.#left < 0) throw new DwarfError("too many entries");
  }
}
