import type { HttpField } from "./error-code.ts";
import { isDigit, LOWER, VALUE } from "./octets.ts";

/** Cases of `wasi:http/types.header-error` in 0.3. 0.2 does not have `size-exceeded`. */
export type HeaderError = "invalid-syntax" | "forbidden" | "immutable" | "size-exceeded";

/** The default size limit of one `fields`, bytes. */
export const MAX_FIELDS_SIZE = 131_072;

/** The headers that belong to the connection: wasmtime 48's list. */
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

/** The cost of a field beside the bytes of its name and value, bytes. With it, empty fields are not free. */
const NAME_SIZE = 32;
const VALUE_SIZE = 40;

const CONTENT_LENGTH = "content-length";

/** The longest name, bytes. */
export const MAX_NAME = 65_535;

/** RFC 9110, `token`: field names and methods. */
export const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

interface Field {
  readonly name: string;
  values: Uint8Array[];
}

/** The most fields that are found faster one by one than with a map. */
const MANY = 16;

/**
 * The rules of `wasi:http/types.fields`. Names are kept in lower case, in the order of their first use. As in wasmtime, the last
 * name takes the place of one that is removed. An immutable map cannot be changed.
 */
export class FieldMap {
  readonly #fields: Field[];
  /** The index of each name; undefined while there have never been many. */
  #places: Map<string, number> | undefined;
  readonly #limit: number;
  readonly #immutable: boolean;
  #size = 0;

  /** @param limit bytes */
  constructor(limit: number, fields: Field[] = [], immutable = false) {
    this.#fields = fields;
    this.#limit = limit;
    this.#immutable = immutable;
    for (const { name, values } of fields) this.#size += NAME_SIZE + name.length + sizeOf(values);
    if (fields.length > MANY) this.#index();
  }

  static fromList(limit: number, entries: readonly HttpField[]): FieldMap | HeaderError {
    const fields = new FieldMap(limit);
    for (const [name, value] of entries) {
      const error = fields.append(name, value);
      if (error !== undefined) return error;
    }
    return fields;
  }

  /** Returns an immutable map of fields that the other side sent, without the connection's own. Names are in lower case. */
  static received(limit: number, entries: readonly HttpField[]): FieldMap {
    const fields = new FieldMap(Number.POSITIVE_INFINITY);
    for (const [name, value] of entries) fields.#put(name, [value]);
    const own = fields.#fields.filter(({ name }) => forbidden.has(name));
    for (const { name } of own) fields.#remove(name);
    return new FieldMap(limit, fields.#fields, true);
  }

  /** Returns an immutable view of the same fields. */
  view(): FieldMap {
    return new FieldMap(this.#limit, this.#fields, true);
  }

  get(name: string): readonly Uint8Array[] {
    const key = fieldName(name);
    return (key === undefined ? undefined : this.#find(key)?.values) ?? [];
  }

  has(name: string): boolean {
    const key = fieldName(name);
    return key !== undefined && this.#find(key) !== undefined;
  }

  /** Replaces the values of a field. */
  set(name: string, values: readonly Uint8Array[]): HeaderError | undefined {
    const key = fieldName(name);
    const error = this.#refusal(key);
    if (error !== undefined || key === undefined) return error;
    const checked = checkedValues(key, values);
    if (checked === undefined) return "invalid-syntax";
    const before = this.#find(key);
    if (checked.length === 0) this.#remove(key);
    else if (before === undefined) return this.#add(key, checked);
    else if (!this.#grow(sizeOf(checked) - sizeOf(before.values))) return "size-exceeded";
    else before.values = checked;
    return undefined;
  }

  append(name: string, value: Uint8Array): HeaderError | undefined {
    const key = fieldName(name);
    const error = this.#refusal(key);
    if (key === undefined || (error !== undefined && error !== "immutable")) return error;
    const checked = checkedValues(key, [value]);
    if (checked === undefined || (key === CONTENT_LENGTH && this.#find(key) !== undefined)) return "invalid-syntax";
    return error ?? this.#add(key, checked);
  }

  delete(name: string): HeaderError | undefined {
    const taken = this.take(name);
    return typeof taken === "string" ? taken : undefined;
  }

  /** Deletes a field. Returns its values. */
  take(name: string): readonly Uint8Array[] | HeaderError {
    const key = fieldName(name);
    const error = this.#refusal(key);
    if (error !== undefined) return error;
    const values = this.get(name);
    if (key !== undefined) this.#remove(key);
    return values;
  }

  entries(): readonly HttpField[] {
    const entries: HttpField[] = [];
    for (const { name, values } of this.#fields) for (const value of values) entries.push([name, value]);
    return entries;
  }

  /** Returns a mutable copy. */
  clone(): FieldMap {
    return new FieldMap(
      this.#limit,
      this.#fields.map(({ name, values }) => ({ name, values: [...values] })),
    );
  }

  #index(): Map<string, number> {
    this.#places = new Map(this.#fields.map(({ name }, i) => [name, i]));
    return this.#places;
  }

  #find(key: string): Field | undefined {
    const place = this.#place(key);
    return place === undefined ? undefined : this.#fields[place];
  }

  #place(key: string): number | undefined {
    if (this.#places !== undefined) return this.#places.get(key);
    for (let i = 0; i < this.#fields.length; i++) if (this.#fields[i]!.name === key) return i;
    return undefined;
  }

  /** Returns why a field may not be changed. @param key Undefined if the name is not valid */
  #refusal(key: string | undefined): HeaderError | undefined {
    if (key === undefined) return "invalid-syntax";
    if (forbidden.has(key)) return "forbidden";
    return this.#immutable ? "immutable" : undefined;
  }

  #add(key: string, values: Uint8Array[]): HeaderError | undefined {
    const more = this.#place(key) !== undefined ? sizeOf(values) : sizeOf(values) + NAME_SIZE + key.length;
    if (!this.#grow(more)) return "size-exceeded";
    this.#put(key, values);
    return undefined;
  }

  #put(key: string, values: Uint8Array[]): void {
    const before = this.#find(key);
    if (before !== undefined) {
      before.values.push(...values);
      return;
    }
    const place = this.#fields.push({ name: key, values }) - 1;
    if (this.#places !== undefined) this.#places.set(key, place);
    else if (place >= MANY) this.#index();
  }

  /** Counts a change of size. Returns false if it exceeds the limit. */
  #grow(by: number): boolean {
    if (this.#size + by > this.#limit) return false;
    this.#size += by;
    return true;
  }

  #remove(key: string): void {
    const place = this.#place(key);
    const last = this.#fields.at(-1);
    if (place === undefined || last === undefined) return;
    this.#size -= NAME_SIZE + key.length + sizeOf(this.#fields[place]!.values);
    this.#fields[place] = last;
    this.#fields.pop();
    this.#places?.set(last.name, place);
    this.#places?.delete(key);
  }
}

/** Returns a field's name in lower case; undefined if it is not valid. */
function fieldName(name: string): string | undefined {
  if (name.length === 0 || name.length > MAX_NAME) return undefined;
  let same = true;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    const lower = LOWER[code];
    // a character beyond the table, or one that a token may not have
    if (lower === undefined || lower === 0) return undefined;
    same &&= lower === code;
  }
  return same ? name : name.toLowerCase();
}

function sizeOf(values: readonly Uint8Array[]): number {
  let size = 0;
  for (const { length } of values) size += VALUE_SIZE + length;
  return size;
}

/** Returns the values as they are kept; undefined if one of them is not valid. */
function checkedValues(key: string, values: readonly Uint8Array[]): Uint8Array[] | undefined {
  if (key !== CONTENT_LENGTH) return values.every(isFieldValue) ? [...values] : undefined;
  const [value] = values;
  if (value === undefined) return [];
  if (values.length > 1) return undefined;
  if (isShortLength(value)) return [value];
  const length = parseContentLength(latin1(value));
  return length === undefined ? undefined : [byteString(`${length}`)];
}

/** The most digits of a length that is always an exact number. */
const DIGITS = 15;

/** Whether a value is a length in its shortest form, of few digits. */
function isShortLength(value: Uint8Array): boolean {
  if (value.length === 0 || value.length > DIGITS) return false;
  if (value[0] === ZERO && value.length > 1) return false;
  for (let i = 0; i < value.length; i++) if (!isDigit(value[i]!)) return false;
  return true;
}

const ZERO = 0x30;

/** Parses a `content-length` as RFC 9110 defines it, bytes, below 2^64; undefined if it is not valid. */
export function parseContentLength(text: string): bigint | undefined {
  if (!/^\d{1,64}$/.test(text)) return undefined;
  const length = BigInt(text);
  return length < 2n ** 64n ? length : undefined;
}

const decoder = new TextDecoder("latin1");

/** The most bytes for which a loop is faster than a decoder. */
const FEW = 8;

/** Returns bytes as characters of the same codes. */
export function latin1(bytes: Uint8Array, start = 0, end = bytes.length): string {
  if (end - start > FEW && !hasC1(bytes, start, end)) return decoder.decode(bytes.subarray(start, end));
  let text = "";
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at]!);
  return text;
}

/** Whether there are bytes that the decoder (windows-1252 by its standard) maps to other characters. */
function hasC1(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((bytes[at]! & 0xe0) === 0x80) return true;
  return false;
}

/** Returns characters below 0x100 as bytes. */
export function byteString(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Returns the values of the fields of that name, bytes as characters. */
export function valuesOf(fields: readonly HttpField[], wanted: string): string[] {
  return fields.filter(([name]) => name === wanted).map(([, value]) => latin1(value));
}

/** Whether a value is a `field-value` of RFC 9110. All bytes except control characters are accepted. */
export function isFieldValue(value: Uint8Array): boolean {
  for (let i = 0; i < value.length; i++) if (VALUE[value[i]!] === 0) return false;
  return true;
}
