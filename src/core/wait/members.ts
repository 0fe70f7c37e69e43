/**
 * An unordered collection, in place of a Set whose members come and go with each request or wait.
 *
 * When JavaScriptCore rebuilds the table of a Set or Map, the old table, with all that was in it, points to the new one. Once one
 * of them is old, young collections keep all that follow: a third of what a server allocated for its requests.
 */
export class Members<T> {
  readonly #list: T[] = [];

  get size(): number {
    return this.#list.length;
  }

  /** Adds an object that is not a member. */
  add(member: T): void {
    this.#list.push(member);
  }

  /** Removes a member. Returns whether it was one. Searches from the last that was added. */
  delete(member: T): boolean {
    const place = this.#list.lastIndexOf(member);
    if (place < 0) return false;
    const last = this.#list.pop();
    if (place < this.#list.length) this.#list[place] = last as T;
    return true;
  }

  /** Returns a copy, so that members may be added and removed while it is iterated. */
  all(): readonly T[] {
    return this.#list.slice();
  }
}
