import type { HttpField } from "./error-code.ts";

/** Cases of `wasi:http/types.header-error` 0.3; 0.2 has no word for the last. */
export type HeaderError = "invalid-syntax" | "forbidden" | "immutable" | "size-exceeded";

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

const CONTENT_LENGTH = "content-length";

/** The longest name, bytes. */
export const MAX_NAME = 65_535;

/** RFC 9110, `token`: names of fields, methods. */
export const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

interface Field {
  readonly name: string;
  values: Uint8Array[];
}

/**
 * The rules of `wasi:http/types.fields`. Names are kept in lower case and in the order in which they first came; the last takes
 * the place of one that goes, as in wasmtime. An immutable one cannot be changed.
 */
export class FieldMap {
  readonly #fields: Field[];
  /** By name: where it stands. */
  readonly #places: Map<string, number>;
  readonly #limit: number;
  readonly #immutable: boolean;
  #size = 0;

  /** @param limit bytes */
  constructor(limit: number, fields: Field[] = [], immutable = false) {
    this.#fields = fields;
    this.#places = new Map(fields.map(({ name }, i) => [name, i]));
    this.#limit = limit;
    this.#immutable = immutable;
    for (const { name, values } of fields) this.#size += NAME_SIZE + name.length + sizeOf(values);
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
    const fields = new FieldMap(Number.POSITIVE_INFINITY);
    for (const [name, value] of entries) fields.#put(name, [value]);
    for (const name of [...fields.#places.keys()]) if (forbidden.has(name)) fields.#remove(name);
    return new FieldMap(limit, fields.#fields, true);
  }

  /** The same fields, for looking at only. */
  view(): FieldMap {
    return new FieldMap(this.#limit, this.#fields, true);
  }

  get(name: string): readonly Uint8Array[] {
    return this.#find(name)?.values ?? [];
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  /** In the place of the values that it had. */
  set(name: string, values: readonly Uint8Array[]): HeaderError | undefined {
    const error = this.#refusal(name);
    if (error !== undefined) return error;
    const checked = checkedValues(name, values);
    if (checked === undefined) return "invalid-syntax";
    const key = name.toLowerCase();
    const before = this.#find(key);
    if (checked.length === 0) this.#remove(key);
    else if (before === undefined) return this.#add(key, checked);
    else if (!this.#grow(sizeOf(checked) - sizeOf(before.values))) return "size-exceeded";
    else before.values = checked;
    return undefined;
  }

  append(name: string, value: Uint8Array): HeaderError | undefined {
    const error = this.#refusal(name);
    if (error !== undefined && error !== "immutable") return error;
    const checked = checkedValues(name, [value]);
    if (checked === undefined || (name.toLowerCase() === CONTENT_LENGTH && this.has(name))) return "invalid-syntax";
    return error ?? this.#add(name.toLowerCase(), checked);
  }

  delete(name: string): HeaderError | undefined {
    const taken = this.take(name);
    return typeof taken === "string" ? taken : undefined;
  }

  /** Deletes a field. Returns the values that it had. */
  take(name: string): readonly Uint8Array[] | HeaderError {
    const error = this.#refusal(name);
    if (error !== undefined) return error;
    const values = this.get(name);
    this.#remove(name.toLowerCase());
    return values;
  }

  entries(): readonly HttpField[] {
    return this.#fields.flatMap(({ name, values }) => values.map((value): HttpField => [name, value]));
  }

  /** A copy that can be changed. */
  clone(): FieldMap {
    return new FieldMap(
      this.#limit,
      this.#fields.map(({ name, values }) => ({ name, values: [...values] })),
    );
  }

  #find(name: string): Field | undefined {
    const place = token.test(name) ? this.#places.get(name.toLowerCase()) : undefined;
    return place === undefined ? undefined : this.#fields[place];
  }

  #refusal(name: string): HeaderError | undefined {
    if (!token.test(name) || name.length > MAX_NAME) return "invalid-syntax";
    if (forbidden.has(name.toLowerCase())) return "forbidden";
    return this.#immutable ? "immutable" : undefined;
  }

  #add(name: string, values: Uint8Array[]): HeaderError | undefined {
    const more = this.has(name) ? sizeOf(values) : sizeOf(values) + NAME_SIZE + name.length;
    if (!this.#grow(more)) return "size-exceeded";
    this.#put(name, values);
    return undefined;
  }

  #put(name: string, values: Uint8Array[]): void {
    const before = this.#find(name);
    if (before === undefined) this.#places.set(name, this.#fields.push({ name, values }) - 1);
    else before.values.push(...values);
  }

  /** Returns whether so much more is within the limit, and counts it. */
  #grow(by: number): boolean {
    if (this.#size + by > this.#limit) return false;
    this.#size += by;
    return true;
  }

  #remove(name: string): void {
    const place = this.#places.get(name);
    const last = this.#fields.at(-1);
    if (place === undefined || last === undefined) return;
    this.#size -= NAME_SIZE + name.length + sizeOf(this.#fields[place]!.values);
    this.#fields[place] = last;
    this.#places.set(last.name, place);
    this.#fields.pop();
    this.#places.delete(name);
  }
}

function sizeOf(values: readonly Uint8Array[]): number {
  return values.reduce((size, { length }) => size + VALUE_SIZE + length, 0);
}

/** The values as they are kept; undefined: one of them is none. */
function checkedValues(name: string, values: readonly Uint8Array[]): Uint8Array[] | undefined {
  if (name.toLowerCase() !== CONTENT_LENGTH) return values.every(isFieldValue) ? [...values] : undefined;
  if (values.length > 1) return undefined;
  const lengths = values.map((value) => parseContentLength(latin1(value)));
  return lengths.includes(undefined) ? undefined : lengths.map((length) => byteString(`${length}`));
}

/** A `content-length` as RFC 9110 writes it, bytes, below 2^64; undefined: it is none. */
export function parseContentLength(text: string): bigint | undefined {
  if (!/^\d{1,64}$/.test(text)) return undefined;
  const length = BigInt(text);
  return length < 2n ** 64n ? length : undefined;
}

const decoder = new TextDecoder("latin1");

/** So few bytes are faster one by one. */
const FEW = 8;

/** Bytes as characters. */
export function latin1(bytes: Uint8Array, start = 0, end = bytes.length): string {
  if (end - start > FEW && !hasC1(bytes, start, end)) return decoder.decode(bytes.subarray(start, end));
  let text = "";
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at]!);
  return text;
}

/** Whether there are bytes for which the decoder, windows-1252 by its standard, has other characters. */
function hasC1(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((bytes[at]! & 0xe0) === 0x80) return true;
  return false;
}

/** Characters below 0x100 as bytes. */
export function byteString(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** The values of the fields of that name, bytes as characters. */
export function valuesOf(fields: readonly HttpField[], wanted: string): string[] {
  return fields.filter(([name]) => name === wanted).map(([, value]) => latin1(value));
}

/** RFC 9110, `field-value`, and whatever else is no control character. */
export function isFieldValue(value: Uint8Array): boolean {
  return value.every((byte) => byte === 9 || (byte >= 32 && byte !== 127));
}
