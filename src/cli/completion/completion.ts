/** Completions for shells, from the tables of commands and options. */

import type { Shell } from "../options/commands.ts";
import { bash } from "./bash.ts";
import { fish } from "./fish.ts";
import { zsh } from "./zsh.ts";

export function completion(shell: Shell): string {
  return { bash, zsh, fish }[shell]();
}
