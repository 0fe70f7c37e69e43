/** Numbers by name in memory that another thread sees too: --stats of a guest that the watchdog ends are told from there. */

/** How many there may be; those beyond it are not kept. A guest imports some forty interfaces at most. */
const MOST = 512;
const NAMES = 32 * 1024;
const HEAD = 8;

/** One of them. */
export class Slot {
  readonly #values: Float64Array;
  readonly #index: number;

  constructor(values: Float64Array, index: number) {
    this.#values = values;
    this.#index = index;
  }

  get value(): number {
    return this.#values[this.#index]!;
  }

  set value(value: number) {
    this.#values[this.#index] = value;
  }
}

export class Numbers {
  /** The length of the names' text, in JSON; the numbers; the text. */
  readonly shared = new SharedArrayBuffer(HEAD + MOST * 8 + NAMES);
  readonly #values = new Float64Array(this.shared, HEAD, MOST);
  readonly #slots = new Map<string, Slot>();

  /** The number of that name, 0 at first. */
  slot(name: string): Slot {
    const known = this.#slots.get(name);
    if (known !== undefined) return known;
    const text = new TextEncoder().encode(JSON.stringify([...this.#slots.keys(), name]));
    const index = this.#slots.size;
    if (index === MOST || text.length > NAMES) return new Slot(new Float64Array(1), 0);
    const made = new Slot(this.#values, index);
    this.#slots.set(name, made);
    new Uint8Array(this.shared, HEAD + MOST * 8, NAMES).set(text);
    Atomics.store(new Int32Array(this.shared, 0, 1), 0, text.length);
    return made;
  }
}

/** Of any thread's, as they are now, in the order in which they were made. */
export function readNumbers(shared: SharedArrayBuffer): ReadonlyMap<string, number> {
  const length = Atomics.load(new Int32Array(shared, 0, 1), 0);
  const text = new Uint8Array(shared, HEAD + MOST * 8, length).slice();
  const names: readonly string[] = length === 0 ? [] : JSON.parse(new TextDecoder().decode(text));
  const values = new Float64Array(shared, HEAD, MOST);
  return new Map(names.map((name, i) => [name, values[i]!]));
}
