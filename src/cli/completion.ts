/** Completions for shells, from the tables of commands and options. */
import { bash } from "./completion/bash.ts";
import { fish } from "./completion/fish.ts";
import { zsh } from "./completion/zsh.ts";
import type { Shell } from "./options/commands.ts";

export function completion(shell: Shell): string {
  return { bash, zsh, fish }[shell]();
}
