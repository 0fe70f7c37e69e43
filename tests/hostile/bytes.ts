/** Components and core modules byte by byte: what no tool would write. */
import { encodeName, leb128 } from "../../src/wasm/writer.ts";

export type Bytes = ArrayLike<number>;

export function joined(parts: readonly Bytes[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export function section(id: number, ...content: readonly Bytes[]): Uint8Array {
  const body = joined(content);
  return joined([[id], leb128(body.length), body]);
}

/** A section that lists items. */
export function list(id: number, items: readonly Bytes[]): Uint8Array {
  return section(id, leb128(items.length), joined(items));
}

export function name(text: string): Bytes {
  return encodeName(text);
}

export function coreModule(...sections: readonly Bytes[]): Uint8Array<ArrayBuffer> {
  return joined([[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], ...sections]);
}

export function component(...sections: readonly Bytes[]): Uint8Array<ArrayBuffer> {
  return joined([[0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0], ...sections]);
}

/** Sections of a component: a core module, a component in it. */
export const nestedModule = (bytes: Bytes): Uint8Array => section(1, bytes);
export const nestedComponent = (bytes: Bytes): Uint8Array => section(4, bytes);

/** A core module whose one function, exported as `f`, is `unreachable`, with the names that its section of names gives. */
export function trappingModule(moduleName: string, functionName: string): Uint8Array<ArrayBuffer> {
  const names = [section(0, name(moduleName)), section(1, [1, 0], name(functionName))];
  return coreModule(
    list(1, [[0x60, 0, 0]]),
    list(3, [[0]]),
    list(7, [joined([name("f"), [0, 0]])]),
    list(10, [[3, 0, 0, 0x0b]]),
    section(0, name("name"), ...names),
  );
}
