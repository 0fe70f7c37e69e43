/** What the completions of all shells are made of. */
import { type Command, commands } from "../options/commands.ts";
import type { Flag } from "../options/flag.ts";
import { versionFlag } from "../options/flags.ts";
import type { Group, Key } from "../options/groups/group.ts";
import { groups } from "../options/groups/groups.ts";

export const allCommands: readonly (readonly [name: string, Command])[] = Object.entries(commands);

/** Those of `run`, and what may come before any command. */
export const flagsOfRun: readonly Flag[] = [...commands.run.flags, versionFlag];

/** Those of all commands, each once. */
export const allFlags: readonly Flag[] = [...new Set(allCommands.flatMap(([, { flags }]) => flags))];

export const allGroups: readonly Group[] = Object.values(groups);

/** For a shell that knows no way out of single quotes but to end them. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Whether a key may stand without a value. */
export function mayBeBare({ kind }: Key): boolean {
  return kind.hint.startsWith("[");
}

/** `-S` and `--wasi`. */
export function spellings({ short, long }: Flag): readonly string[] {
  return [...(short === undefined ? [] : [`-${short}`]), `--${long}`];
}
