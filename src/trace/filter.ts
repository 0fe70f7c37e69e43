/**
 * Which calls a trace shows: words of packages (`sockets`), interfaces (`io/poll`), or, for core modules, beginnings of names up
 * to the `_` (`sock`, `fd`); each may begin with `wasi:`, and with `!` to leave out what it names. What none leaves out is shown
 * if one that takes in names it, or if there is none that takes in.
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

  /** @param names What the call may be called by: its interface without version, and its package. */
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

  /** The words that named nothing that the guest imports, and what that is. */
  get unused(): { readonly words: readonly string[]; readonly imports: readonly string[] } {
    return { words: this.#words.filter(({ used }) => !used).map(({ word }) => word), imports: [...this.#seen].sort() };
  }
}
