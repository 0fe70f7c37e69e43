/** crypto.getRandomValues takes no more at a time. */
const PIECE = 65536;

/** `Machine.fillRandom` by Web Crypto, which every runtime has. */
export function fillRandom(bytes: Uint8Array): void {
  for (let start = 0; start < bytes.length; start += PIECE)
    crypto.getRandomValues(bytes.subarray(start, start + PIECE));
}
