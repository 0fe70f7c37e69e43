/**
 * Those of a kind that there are now, in no order: a Set for what comes and goes with each request or wait.
 *
 * When JavaScriptCore makes the table of a Set or Map anew, the old one, with all that was in it, points to the next. Once one of
 * them is old, young collections keep all that follow: of what a server allocated for its requests, a third.
 */
export class Members<T> {
  readonly #list: T[] = [];

  get size(): number {
    return this.#list.length;
  }

  /** It is none of them yet. */
  add(member: T): void {
    this.#list.push(member);
  }

  /** Returns whether it was one of them. The last to come is found first. */
  delete(member: T): boolean {
    const place = this.#list.lastIndexOf(member);
    if (place < 0) return false;
    const last = this.#list.pop();
    if (place < this.#list.length) this.#list[place] = last as T;
    return true;
  }

  /** A copy: they may come and go while it is gone through. */
  all(): readonly T[] {
    return this.#list.slice();
  }
}
