/** Components whose last sections are written as bytes: what no text can say, or says otherwise. */
import { binary } from "./text.ts";

export type Bytes = readonly number[];

/** Unsigned LEB128. */
export function u32(value: number): Bytes {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...u32(value >>> 7)];
}

/** Component sections, by their ids. */
export const TYPES = 7;
export const CANONS = 8;

/** A component with a section of one entry after `body`, and where that entry begins. */
export async function appended(body: string, id: number, entry: Bytes): Promise<Appended> {
  const before = await binary(`(component ${body})`);
  const head = [id, ...u32(entry.length + 1), 1];
  return { bytes: Uint8Array.from([...before, ...head, ...entry]), start: before.length + head.length };
}

export interface Appended {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly start: number;
}
