import type { Interfaces } from "./table.ts";

export const preopens: Interfaces[string] = { "get-directories": "() -> list<tuple<descriptor, string>>" };

/** The types that are the same in every version. */
export const fileTypes: Interfaces[string] = {
  advice: "enum { normal, sequential, random, will-need, dont-need, no-reuse }",
  "descriptor-flags":
    "flags { read, write, file-integrity-sync, data-integrity-sync, requested-write-sync, mutate-directory }",
  "path-flags": "flags { symlink-follow }",
  "open-flags": "flags { create, directory, exclusive, truncate }",
  "metadata-hash-value": "record { lower: u64, upper: u64 }",
  "directory-entry": "record { type: descriptor-type, name: string }",
};
