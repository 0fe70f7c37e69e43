import type { StringEncoding } from "../binary/canon.ts";
import type { GuestMemory } from "../instance/memory.ts";

/** The flag in the length of a latin1+utf16 string that says it is in UTF-16. */
const utf16Tag = 0x8000_0000;
/** The most code units for which a loop is faster than a TextDecoder or TextEncoder (measured on Node and Bun). */
const shortRead = 8;
const shortWrite = 32;

const utf8Decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const utf16Decoder = new TextDecoder("utf-16le", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Reads a string from guest memory, at `ptr`. `length` is the number of its code units, with the tag. */
export type LoadString = (memory: GuestMemory, ptr: number, length: number) => string;

/**
 * Stores a string in guest memory, which it allocates. Returns the pointer, and leaves the number of code units in
 * `memory.stringLength`.
 */
export type StoreString = (memory: GuestMemory, text: string) => number;

export const loadString: Readonly<Record<StringEncoding, LoadString>> = {
  utf8: loadUtf8,
  utf16: (memory, ptr, length) => loadUtf16(memory, ptr, length >>> 0),
  "latin1+utf16": (memory, ptr, length) =>
    length < 0 || length >= utf16Tag
      ? loadUtf16(memory, ptr, (length >>> 0) - utf16Tag)
      : loadLatin1(memory, ptr, length),
};

export const storeString: Readonly<Record<StringEncoding, StoreString>> = {
  utf8: storeUtf8,
  utf16: storeUtf16,
  "latin1+utf16": (memory, text) => (isLatin1(text) ? storeLatin1(memory, text) : storeTagged(memory, text)),
};

function loadUtf8(memory: GuestMemory, ptr: number, length: number): string {
  const size = length >>> 0;
  const start = memory.checkString(ptr, size, 1);
  const bytes = memory.bytes();
  const end = start + size;
  if (size <= shortRead) {
    let text = "";
    let at = start;
    for (; at < end; at++) {
      const byte = bytes[at]!;
      if (byte > 0x7f) break;
      text += String.fromCharCode(byte);
    }
    if (at === end) return text;
  }
  const content = bytes.subarray(start, end);
  return decode(utf8Decoder, content) ?? invalid(memory, "utf8", utf8Problem(content));
}

function loadUtf16(memory: GuestMemory, ptr: number, length: number): string {
  const start = memory.checkString(ptr, length * 2, 2);
  const content = memory.bytes().subarray(start, start + length * 2);
  return decode(utf16Decoder, content) ?? invalid(memory, "utf16", utf16Problem(content));
}

/** Decodes bytes; undefined if they are not valid in that encoding. */
function decode(decoder: TextDecoder, bytes: Uint8Array<ArrayBuffer>): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function invalid(memory: GuestMemory, encoding: "utf8" | "utf16", problem: string): never {
  throw memory.faults.encoding(encoding, problem);
}

function loadLatin1(memory: GuestMemory, ptr: number, length: number): string {
  const start = memory.checkString(ptr, length, 2);
  const bytes = memory.bytes();
  let text = "";
  for (let at = start; at < start + length; at += 4096) {
    text += String.fromCharCode(...bytes.subarray(at, Math.min(at + 4096, start + length)));
  }
  return text;
}

/** Returns the number of bytes that `text` takes in UTF-8. An unpaired surrogate counts 3, as U+FFFD does. */
function utf8Length(text: string): number {
  let size = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) {
      size += 1;
    } else {
      size += 2;
      if (unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) i++;
    }
  }
  return size;
}

function storeUtf8(memory: GuestMemory, text: string): number {
  const size = utf8Length(text);
  const ptr = memory.allocate(size, 1, "string");
  memory.stringLength = size;
  const bytes = memory.bytes();
  if (size === text.length && size <= shortWrite) {
    for (let i = 0; i < size; i++) bytes[ptr + i] = text.charCodeAt(i);
  } else {
    encoder.encodeInto(text, bytes.subarray(ptr, ptr + size));
  }
  return ptr;
}

function storeUnits(memory: GuestMemory, text: string): number {
  const ptr = memory.allocate(text.length * 2, 2, "string");
  const view = memory.view();
  const well = text.toWellFormed();
  for (let i = 0; i < well.length; i++) view.setUint16(ptr + i * 2, well.charCodeAt(i), true);
  return ptr;
}

function storeUtf16(memory: GuestMemory, text: string): number {
  const ptr = storeUnits(memory, text);
  memory.stringLength = text.length;
  return ptr;
}

function storeTagged(memory: GuestMemory, text: string): number {
  const ptr = storeUnits(memory, text);
  memory.stringLength = text.length + utf16Tag;
  return ptr;
}

function isLatin1(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0xff) return false;
  return true;
}

function storeLatin1(memory: GuestMemory, text: string): number {
  const ptr = memory.allocate(text.length, 2, "string");
  memory.stringLength = text.length;
  const bytes = memory.bytes();
  for (let i = 0; i < text.length; i++) bytes[ptr + i] = text.charCodeAt(i);
  return ptr;
}

/**
 * Returns wasmtime's message for the first invalid UTF-8 sequence. The longest prefix of a sequence that could still be valid
 * counts as one error.
 */
function utf8Problem(bytes: Uint8Array): string {
  let at = 0;
  for (;;) {
    const lead = bytes[at]!;
    const more = lead < 0x80 ? 0 : lead < 0xc2 ? -1 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : -1;
    if (more < 0) return `invalid utf-8 sequence of 1 bytes from index ${at}`;
    // Overlong forms, surrogates and code points beyond U+10FFFF show in the second byte.
    const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    for (let i = 1; i <= more; i++) {
      const next = bytes[at + i];
      if (next === undefined) return `incomplete utf-8 byte sequence from index ${at}`;
      const bounded = i === 1 ? next >= low && next <= high : next >= 0x80 && next <= 0xbf;
      if (!bounded) return `invalid utf-8 sequence of ${i} bytes from index ${at}`;
    }
    at += more + 1;
  }
}

/** Returns the message for the first unpaired surrogate. */
function utf16Problem(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; ; at += 2) {
    const unit = view.getUint16(at, true);
    if (unit < 0xd800 || unit > 0xdfff) continue;
    const next = unit < 0xdc00 && at + 2 < bytes.length ? view.getUint16(at + 2, true) : 0;
    if (next < 0xdc00 || next > 0xdfff) return `unpaired surrogate found: ${unit.toString(16)}`;
    at += 2;
  }
}
