/** Returns the last of the first `count` indices whose key is at most `key`; -1: none. Keys must not fall. */
export function lastAtMost(count: number, keyOf: (i: number) => number, key: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keyOf(middle) <= key) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
