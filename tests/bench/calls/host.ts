/** The host functions of the call benchmark: once as an import object in jco's convention, once as trampolines by hand. */

const chunk = new Uint8Array(64).fill(120);

class Counter {
  count = 0;

  value(): number {
    return this.count++;
  }

  read(length: bigint): Uint8Array {
    return length === 64n ? chunk : chunk.subarray(0, Number(length));
  }
}

let clock = 0n;
const taken = { bytes: 0 };

const host = {
  Counter,
  now: (): bigint => clock++,
  add: (a: number, b: number): number => (a + b) >>> 0,
  text: (text: string): string => text,
  take: (bytes: Uint8Array): void => {
    taken.bytes += bytes.length;
  },
  open: (): Counter => new Counter(),
};

export const imports = { "bench:calls/host": host };

export interface Libc {
  readonly memory: WebAssembly.Memory;
  readonly realloc: (old: number, oldLength: number, align: number, length: number) => number;
}

/** Trampolines by hand for the same functions: what generated ones are held against. They check what a guest may forge. */
export function handWritten({ memory, realloc }: Libc): Record<string, (...args: never[]) => unknown> {
  const handles: (Counter | undefined)[] = [];
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const encoder = new TextEncoder();
  let bytes = new Uint8Array(memory.buffer);
  let view = new DataView(memory.buffer);
  const refresh = (): void => {
    if (bytes.buffer === memory.buffer) return;
    bytes = new Uint8Array(memory.buffer);
    view = new DataView(memory.buffer);
  };
  const check = (pointer: number, length: number): void => {
    if (pointer >>> 0 > bytes.length || length >>> 0 > bytes.length - (pointer >>> 0)) throw new RangeError("bounds");
  };
  const counter = (handle: number): Counter => {
    const object = handles[handle];
    if (object === undefined) throw new RangeError("handle");
    return object;
  };
  return {
    now: host.now,
    add: (a: number, b: number) => host.add(a >>> 0, b >>> 0),
    value: (handle: number) => counter(handle).value(),
    read: (handle: number, length: bigint, result: number) => {
      const list = counter(handle).read(BigInt.asUintN(64, length));
      const pointer = realloc(0, 0, 1, list.length);
      refresh();
      check(pointer, list.length);
      check(result, 12);
      bytes.set(list, pointer);
      view.setUint8(result, 0);
      view.setInt32(result + 4, pointer, true);
      view.setInt32(result + 8, list.length, true);
    },
    text: (pointer: number, length: number, result: number) => {
      refresh();
      check(pointer, length);
      const text = host.text(decoder.decode(bytes.subarray(pointer, pointer + length)));
      const target = realloc(0, 0, 1, text.length);
      refresh();
      check(target, text.length);
      const { written } = encoder.encodeInto(text, bytes.subarray(target, target + text.length));
      check(result, 8);
      view.setInt32(result, target, true);
      view.setInt32(result + 4, written, true);
    },
    take: (pointer: number, length: number) => {
      refresh();
      check(pointer, length);
      host.take(bytes.slice(pointer, pointer + length));
    },
    open: () => handles.push(host.open()) - 1,
    drop: (handle: number) => {
      counter(handle);
      handles[handle] = undefined;
    },
  };
}
