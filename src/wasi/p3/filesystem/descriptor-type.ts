import type { DescriptorType } from "../../../machine/files.ts";

/** A value of the variant `wasi:filesystem/types.descriptor-type`. */
interface DescriptorTypeCase {
  readonly tag: string;
  readonly val?: undefined;
}

const cases = {
  unknown: { tag: "other", val: undefined },
  "block-device": { tag: "block-device" },
  "character-device": { tag: "character-device" },
  directory: { tag: "directory" },
  fifo: { tag: "fifo" },
  "symbolic-link": { tag: "symbolic-link" },
  "regular-file": { tag: "regular-file" },
  socket: { tag: "socket" },
} as const satisfies Readonly<Record<DescriptorType, DescriptorTypeCase>>;

export function descriptorType(type: DescriptorType): DescriptorTypeCase {
  return cases[type];
}
