/** The most bytes that crypto.getRandomValues fills in one call. */
const PIECE = 65536;

/** Implements `Machine.fillRandom` by Web Crypto, which every runtime has. */
export function fillRandom(bytes: Uint8Array): void {
  for (let start = 0; start < bytes.length; start += PIECE)
    crypto.getRandomValues(bytes.subarray(start, start + PIECE));
}
