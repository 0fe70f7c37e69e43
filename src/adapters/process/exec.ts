/** Strings for starting a process again by execve(2). Words and variables need not be UTF-8. */

type Bytes = Uint8Array<ArrayBuffer>;

/** Returns the text as a C string. */
export function terminated(text: string): Bytes {
  return new TextEncoder().encode(`${text}\0`);
}

/** Splits the contents of a file of proc(5) into strings, each with its NUL. */
export function splitStrings(bytes: Bytes): Bytes[] {
  const strings = [];
  for (let start = 0, end = 0; start < bytes.length; start = end) {
    end = bytes.indexOf(0, start) + 1 || bytes.length;
    strings.push(bytes.slice(start, end));
  }
  return strings;
}

/**
 * Makes a `char *[]` that ends with NULL.
 *
 * @param address returns the address of bytes, which must not move while the list is used
 */
export function pointers(strings: readonly Bytes[], address: (bytes: Bytes) => bigint): BigUint64Array<ArrayBuffer> {
  return BigUint64Array.from([...strings.map(address), 0n]);
}
