/** The strings for starting a process again by execve(2): words and variables need not be UTF-8. */

type Bytes = Uint8Array<ArrayBuffer>;

/** The text as C has it. */
export function terminated(text: string): Bytes {
  return new TextEncoder().encode(`${text}\0`);
}

/** The strings that a file of proc(5) lists, each with its NUL. */
export function splitStrings(bytes: Bytes): Bytes[] {
  const strings = [];
  for (let start = 0, end = 0; start < bytes.length; start = end) {
    end = bytes.indexOf(0, start) + 1 || bytes.length;
    strings.push(bytes.slice(start, end));
  }
  return strings;
}

/** A `char *[]`, ended by NULL. @param address Of bytes that are not moved while the list is used. */
export function pointers(strings: readonly Bytes[], address: (bytes: Bytes) => bigint): BigUint64Array<ArrayBuffer> {
  return BigUint64Array.from([...strings.map(address), 0n]);
}
