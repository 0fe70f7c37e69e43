/** The languages of `pollux new`, by the word that --lang takes. */
import type { Language } from "../options/project-flags.ts";
import { c } from "./c.ts";
import { go } from "./go.ts";
import { javascript } from "./javascript.ts";
import { python } from "./python.ts";
import { rust } from "./rust.ts";
import type { Template } from "./template.ts";

export const templates: Readonly<Record<Language, (name: string) => Template>> = {
  rust,
  c,
  go,
  python,
  js: javascript,
};
