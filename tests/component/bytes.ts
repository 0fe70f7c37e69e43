/** Components whose last sections are written as bytes: what no text can say, or says otherwise. */
import { leb128 } from "../../src/wasm/writer.ts";
import { binary } from "./text.ts";

export type Bytes = readonly number[];

/** Component sections, by their ids. */
export const TYPES = 7;
export const CANONS = 8;

/** A component with a section of one entry after `body`, and where that entry begins. */
export async function appended(body: string, id: number, entry: Bytes): Promise<Appended> {
  const before = await binary(`(component ${body})`);
  const head = [id, ...leb128(entry.length + 1), 1];
  return { bytes: Uint8Array.from([...before, ...head, ...entry]), start: before.length + head.length };
}

export interface Appended {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly start: number;
}
