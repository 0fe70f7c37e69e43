import type { HttpField } from "../../machine/http.ts";
import { Trap } from "../wait/errors.ts";

/** The cases of `wasi:http/types.header-error`. */
export type HeaderError = "invalid-syntax" | "forbidden" | "immutable";

/** What a guest may hold in one `fields`, bytes, unless it is told otherwise. */
export const MAX_FIELDS_SIZE = 131_072;

/** What the connection's own headers are: wasmtime 48's list. */
const forbidden: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
  "host",
  "http2-settings",
]);

/** What a name and a value count beside their bytes, so that empty ones are not free. */
const NAME_SIZE = 32;
const VALUE_SIZE = 40;

/** RFC 9110, `token`: names of fields, methods. */
export const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

type Values = Map<string, Uint8Array[]>;

/**
 * The rules of `wasi:http/types.fields`. Names are kept in lower case and in the order in which they first came, as in wasmtime.
 * An immutable one cannot be changed.
 */
export class FieldMap {
  readonly #values: Values;
  readonly #limit: number;
  readonly #immutable: boolean;
  #size = 0;

  /** @param limit bytes; more ends the guest */
  constructor(limit: number, values: Values = new Map(), immutable = false) {
    this.#values = values;
    this.#limit = limit;
    this.#immutable = immutable;
    for (const [name, list] of values) this.#size += NAME_SIZE + name.length + sizeOf(list);
  }

  static fromList(limit: number, entries: readonly HttpField[]): FieldMap | HeaderError {
    const fields = new FieldMap(limit);
    for (const [name, value] of entries) {
      const error = fields.append(name, value);
      if (error !== undefined) return error;
    }
    return fields;
  }

  /** What came from the other side, less what is the connection's own. Immutable. */
  static received(limit: number, entries: readonly HttpField[]): FieldMap {
    const values: Values = new Map();
    for (const [name, value] of entries) {
      if (!forbidden.has(name)) values.set(name, [...(values.get(name) ?? []), value]);
    }
    return new FieldMap(limit, values, true);
  }

  /** The same fields, for looking at only. */
  view(): FieldMap {
    return new FieldMap(this.#limit, this.#values, true);
  }

  get(name: string): readonly Uint8Array[] {
    return this.#values.get(name.toLowerCase()) ?? [];
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase());
  }

  set(name: string, values: readonly Uint8Array[]): HeaderError | undefined {
    const error = this.#refusal(name, values);
    if (error !== undefined) return error;
    this.#remove(name.toLowerCase());
    for (const value of values) this.#add(name.toLowerCase(), value);
    return undefined;
  }

  append(name: string, value: Uint8Array): HeaderError | undefined {
    const error = this.#refusal(name, [value]);
    if (error !== undefined) return error;
    this.#add(name.toLowerCase(), value);
    return undefined;
  }

  delete(name: string): HeaderError | undefined {
    const error = this.#refusal(name, []);
    if (error !== undefined) return error;
    this.#remove(name.toLowerCase());
    return undefined;
  }

  entries(): readonly HttpField[] {
    return [...this.#values].flatMap(([name, values]) => values.map((value): HttpField => [name, value]));
  }

  /** A copy that can be changed. */
  clone(): FieldMap {
    return new FieldMap(this.#limit, new Map([...this.#values].map(([name, values]) => [name, [...values]])));
  }

  #refusal(name: string, values: readonly Uint8Array[]): HeaderError | undefined {
    if (!token.test(name)) return "invalid-syntax";
    if (forbidden.has(name.toLowerCase())) return "forbidden";
    if (!values.every(isFieldValue)) return "invalid-syntax";
    return this.#immutable ? "immutable" : undefined;
  }

  #add(name: string, value: Uint8Array): void {
    const before = this.#values.get(name);
    this.#size += VALUE_SIZE + value.length + (before === undefined ? NAME_SIZE + name.length : 0);
    if (this.#size > this.#limit) throw new Trap("total size of fields exceeds limit");
    if (before === undefined) this.#values.set(name, [value]);
    else before.push(value);
  }

  #remove(name: string): void {
    const before = this.#values.get(name);
    if (before === undefined) return;
    this.#size -= NAME_SIZE + name.length + sizeOf(before);
    this.#values.delete(name);
  }
}

function sizeOf(values: readonly Uint8Array[]): number {
  return values.reduce((size, { length }) => size + VALUE_SIZE + length, 0);
}

/** RFC 9110, `field-value`, and whatever else is no control character. */
function isFieldValue(value: Uint8Array): boolean {
  return value.every((byte) => byte === 9 || (byte >= 32 && byte !== 127));
}
