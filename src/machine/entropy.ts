/** The most bytes that crypto.getRandomValues fills in one call. */
const MAX_FILL_BYTES = 65536;

/** Implements `Machine.fillRandom` by Web Crypto, which every runtime has. */
export function fillRandom(bytes: Uint8Array): void {
  for (let start = 0; start < bytes.length; start += MAX_FILL_BYTES)
    crypto.getRandomValues(bytes.subarray(start, start + MAX_FILL_BYTES));
}
