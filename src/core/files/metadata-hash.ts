import type { FileStat } from "../../machine/files.ts";

/** `wasi:filesystem/types.metadata-hash-value` */
export interface MetadataHash {
  readonly lower: bigint;
  readonly upper: bigint;
}

/**
 * Returns a hash of a file's identity, not of its content. As in wasmtime, libc derives inode numbers from `lower`. Both halves are
 * mixed to hide the machine's numbers. Two inodes of one device never have the same half.
 */
export function metadataHash({ device, inode }: FileStat): MetadataHash {
  const lower = mix(inode ^ mix(device));
  return { lower, upper: mix(lower ^ device) };
}

/** Mixes a u64: the finaliser of SplitMix64, a bijection. */
function mix(value: bigint): bigint {
  let z = BigInt.asUintN(64, value + 0x9e3779b97f4a7c15n);
  z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
  z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
  return z ^ (z >> 31n);
}
