import type { FileStat } from "../../machine/files.ts";

/** `wasi:filesystem/types.metadata-hash-value` */
export interface MetadataHash {
  readonly lower: bigint;
  readonly upper: bigint;
}

/**
 * Says which file it is, not what is in it, as wasmtime's does: libc makes inode numbers of `lower`. Both halves are mixed so
 * that the machine's own numbers do not show; of one device's inodes no two have the same half.
 */
export function metadataHash({ device, inode }: FileStat): MetadataHash {
  const lower = mix(inode ^ mix(device));
  return { lower, upper: mix(lower ^ device) };
}

/** The finaliser of SplitMix64, a bijection of u64. */
function mix(value: bigint): bigint {
  let z = BigInt.asUintN(64, value + 0x9e3779b97f4a7c15n);
  z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
  z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
  return z ^ (z >> 31n);
}
