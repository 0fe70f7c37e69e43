/** The options of `pollux new`, `pollux dev` and `pollux self-test`. */
import { type Flag, oneOf } from "./flag.ts";

export const languages = ["rust", "c", "go", "python", "js"] as const;
export type Language = (typeof languages)[number];

export const newFlags: readonly Flag[] = [
  {
    long: "lang",
    value: "LANG",
    doc: "The language: rust, c, go, python or js; without one, they are listed",
    repeats: false,
    words: languages,
    apply: (_, value) => void oneOf(languages, value),
  },
];

/** Beside those of `run` and `serve`. */
export const devOnlyFlags: readonly Flag[] = [
  {
    long: "build",
    value: "COMMAND",
    doc: "Build by this command of the shell (default: by cargo, go, make, componentize-py or npm, whichever the folder is for)",
    repeats: false,
    filled: true,
    section: "project",
  },
];

export const selfTestFlags: readonly Flag[] = [{ long: "json", doc: "Print one JSON object", repeats: true }];
