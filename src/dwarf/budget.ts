import { DwarfError } from "./data-reader.ts";

/** Bounds what parts of DWARF that share others ask for: all units could name one long list, or one long line table. */
export class Budget {
  #left: number;

  constructor(entries: number) {
    this.#left = entries;
  }

  /** Counts an entry. @throws DwarfError when there were too many */
  count(): void {
    if (--this.#left < 0) throw new DwarfError("too many entries");
  }
}
