import { errno } from "./abi/errno.ts";
import type { Area, Preview1Context } from "./context.ts";

const utf8 = new TextEncoder();

/** Returns a C string: UTF-8 with a NUL at its end. */
function terminated(text: string): Uint8Array {
  const bytes = utf8.encode(text);
  const string = new Uint8Array(bytes.length + 1);
  string.set(bytes);
  return string;
}

/**
 * `args_*` and `environ_*`: each is a table of pointers, and the strings that they point to. No function fails; a
 * pointer out of bounds traps.
 */
export const args: Area = (cx) => {
  const argv = cx.args.map(terminated);
  const environ = cx.env.map(([name, value]) => terminated(`${name}=${value}`));
  return {
    /** Stores argv's pointers (u32 each) at `pointers` and its C strings at `buffer`. */
    args_get: (pointers: number, buffer: number) => store(cx, argv, pointers, buffer),
    /** Stores the number of arguments at `count` and their total size in bytes, NULs included, at `size`. */
    args_sizes_get: (count: number, size: number) => storeSizes(cx, argv, count, size),
    /** Stores the pointers of the environment (u32 each) at `pointers` and its `NAME=value` strings at `buffer`. */
    environ_get: (pointers: number, buffer: number) => store(cx, environ, pointers, buffer),
    /** Stores the number of variables at `count` and their total size in bytes, NULs included, at `size`. */
    environ_sizes_get: (count: number, size: number) => storeSizes(cx, environ, count, size),
  };
};

function store({ memory }: Preview1Context, strings: readonly Uint8Array[], pointers: number, buffer: number): number {
  let pointer = pointers;
  let start = buffer >>> 0;
  for (const string of strings) {
    memory.setU32(pointer, start);
    memory.write(start, string);
    pointer += 4;
    start += string.length;
  }
  return errno.ESUCCESS;
}

function storeSizes({ memory }: Preview1Context, strings: readonly Uint8Array[], count: number, size: number): number {
  memory.setU32(count, strings.length);
  memory.setU32(
    size,
    strings.reduce((total, string) => total + string.length, 0),
  );
  return errno.ESUCCESS;
}
