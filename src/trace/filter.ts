/**
 * Selects the calls that a trace shows. Words name packages (`sockets`), interfaces (`io/poll`) or, for core modules,
 * the beginning of function names up to the `_` (`sock`, `fd`). Each may begin with `wasi:`, and with `!` to exclude
 * calls. A call that no word excludes is shown if a word includes it, or if no word includes anything.
 */
export class Filter {
  readonly #words: readonly { readonly word: string; readonly takes: boolean; used: boolean }[];
  readonly #seen = new Set<string>();

  constructor(words: readonly string[]) {
    this.#words = words.map((given) => {
      const takes = !given.startsWith("!");
      return { word: given.replace(/^!?(wasi:)?/, ""), takes, used: false };
    });
  }

  /**
   * Returns whether to show a call.
   *
   * @param names the names that a word may have for it: its interface without version, and its package
   */
  shows(names: readonly string[]): boolean {
    this.#seen.add(names[0]!);
    let shown = !this.#words.some(({ takes }) => takes);
    for (const each of this.#words) {
      if (!names.includes(each.word)) continue;
      each.used = true;
      if (!each.takes) return false;
      shown = true;
    }
    return shown;
  }

  /** The words that match nothing that the guest imports, and a list of its imports. */
  get unused(): { readonly words: readonly string[]; readonly imports: readonly string[] } {
    return { words: this.#words.filter(({ used }) => !used).map(({ word }) => word), imports: [...this.#seen].sort() };
  }
}
