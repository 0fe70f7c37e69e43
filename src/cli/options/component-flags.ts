/** The options of `pollux inspect` and `pollux types`. */
import { type Flag, oneOf } from "./flag.ts";
import { ValueError } from "./groups/value.ts";

export const inspectFlags: readonly Flag[] = [
  { long: "json", doc: "Print one JSON object", repeats: true },
  { long: "check", doc: "End with status 1 if it can neither be run nor served here", repeats: true },
];

const waits = ["blocking", "suspending"] as const;

export const typesFlags: readonly Flag[] = [
  {
    long: "name",
    value: "NAME",
    doc: "What the interface of the exports is called (default: as the file is)",
    repeats: false,
    example: "App",
    apply(_, value) {
      if (!/^[A-Za-z_$][\w$]*$/.test(value)) throw new ValueError("expected a name that TypeScript may have");
    },
  },
  {
    long: "wait",
    value: "STRATEGY",
    doc: "How it will be instantiated: blocking or suspending, where all its functions return promises",
    repeats: false,
    words: waits,
    apply: (_, value) => void oneOf(waits, value),
  },
];
