/** All that a command line of Pollux may name, from its own tables. */
import { commandNames, commands } from "../../src/cli/options/commands.ts";
import { inspectFlags, typesFlags } from "../../src/cli/options/component-flags.ts";
import type { Flag } from "../../src/cli/options/flag.ts";
import { runFlags, serveFlags, traceFormats, versionFlag } from "../../src/cli/options/flags.ts";
import type { Group, Key } from "../../src/cli/options/groups/group.ts";
import { groups } from "../../src/cli/options/groups/groups.ts";
import { bool } from "../../src/cli/options/groups/value.ts";
import { devOnlyFlags, newFlags, selfTestFlags } from "../../src/cli/options/project-flags.ts";
import { mostSimilar } from "../../src/text/similar.ts";

export const allGroups: readonly Group[] = Object.values(groups);

/** Those that a command has for itself. `dev` has those of `serve` too, which are `serve`'s here. */
const ownFlags: readonly Flag[] = [
  ...inspectFlags,
  ...typesFlags,
  ...serveFlags.filter((flag) => !runFlags.includes(flag)),
];
const projectFlags: readonly Flag[] = [...newFlags, ...devOnlyFlags, ...selfTestFlags];

function isOwn(command: string, flag: Flag): boolean {
  return flag.long === "help" || projectFlags.includes(flag) || (command !== "dev" && ownFlags.includes(flag));
}

/** Commands by their names, options as `--long`, `inspect --json`, keys as `-S tcp`. */
export function optionsOf(): readonly string[] {
  return [
    ...commandNames,
    ...[...runFlags, versionFlag].map(({ long }) => `--${long}`),
    ...Object.entries(commands).flatMap(([name, { flags }]: readonly [string, { readonly flags: readonly Flag[] }]) =>
      flags.filter((flag) => isOwn(name, flag)).map(({ long }) => `${name} --${long}`),
    ),
    ...allGroups.flatMap(({ short, keys }) => Object.keys(keys).map((name) => `-${short} ${name}`)),
  ];
}

export function keyOf(option: string): { readonly group: Group; readonly name: string; readonly key: Key } {
  const [, short, name = ""] = /^-(\w) (.+)$/.exec(option) ?? [];
  const group = allGroups.find((each) => each.short === short);
  const key = group?.keys[name];
  if (group === undefined || key === undefined)
    throw new Error(`there is no ${option}: is ${mostSimilar(option, optionsOf())} meant?`);
  return { group, name, key };
}

/** Values that are right for it, each kind of them; undefined: none is given. */
export function valuesOf({ kind: { hint, words } }: Key): readonly (string | undefined)[] {
  const alone = hint.startsWith("[") ? [undefined] : [];
  if (words !== undefined) return [...alone, ...words];
  if (hint === "=N") return ["1_000", "0x1000", "4294967295"];
  if (hint === "=<name>=<val>") return ["name", "name=value=more"];
  if (hint === "=<format>::<dir>") return ["onnx::/tmp"];
  return ["a-value"];
}

/**
 * What of an option no row uses: the option itself, one of its words, a switch turned on or off.
 *
 * @param lines The command lines of the rows that are about it.
 */
export function unusedOf(option: string, lines: readonly (readonly string[])[]): string[] {
  if (lines.length === 0) return [option];
  const words = lines.flat();
  const flag = runFlags.find(({ long }) => option === `--${long}`);
  if (flag?.group === undefined && flag?.words !== undefined) {
    const given = (flag.several ? traceFormats : flag.words).map((word) => `${option}=${word}`);
    return given.filter((word) => !words.some((each) => each.split(",").includes(word)));
  }
  if (!option.startsWith("-") || option.startsWith("--")) return [];
  const { group, name, key } = keyOf(option);
  const pieces = words.flatMap((word) => (word.startsWith(`-${group.short}`) ? word.slice(2).split(",") : []));
  const values = key.kind === bool ? [["", "=y"], ["=n"]] : [];
  return values
    .filter((same) => !same.some((value) => pieces.includes(name + value)))
    .map(([value = ""]) => `${option}${value}`);
}

/** `-Stcp=n` */
export function spellKey(short: string, name: string, value: string | undefined): string {
  return `-${short}${name}${value === undefined ? "" : `=${value}`}`;
}
