import { describeFlag, type Flag } from "../options/flag.ts";
import { describeKey } from "../options/groups/group.ts";
import { allCommands, allGroups, flagsOfRun, mayBeBare, spellings } from "./tables.ts";

/** Files of that kind first, then all others. */
const WASM_FILES = "__fish_complete_suffix .wasm";

export function fish(): string {
  const others = allCommands.filter(([name]) => name !== "run");
  const separate = flagsOfRun.filter(({ value, alone }) => value !== undefined && alone === undefined);
  const lines = [
    ...allCommands.map(
      ([name, { doc }]) => `complete -c pollux -n __fish_use_subcommand -a ${name} -d ${quoteFish(doc)}`,
    ),
    ...flagsOfRun.map((flag) => flagLine("__pollux_before_file", flag)),
    `complete -c pollux -n __pollux_before_file -k -x -a '(${WASM_FILES})'`,
    ...others.flatMap(([name, { flags, words }]) => {
      const seen = `'__pollux_command ${name}'`;
      const operand =
        words === undefined
          ? [`complete -c pollux -n ${seen} -k -x -a '(${WASM_FILES})'`]
          : [`complete -c pollux -n ${seen} -x -a ${quoteFish(words.join(" "))}`];
      return [...flags.map((flag) => flagLine(seen, flag)), ...operand];
    }),
  ];
  return `# fish completion of pollux: pollux completion fish | source
# Words with commas between: each after those that stand before the last comma.
function __pollux_words
    set -l before (commandline -ct | string replace -r '^(-\\w|--[\\w-]+=)' '' | string match -r '^.*,')
    for word in $argv
        echo "$before$word"
    end
end
function __pollux_command
    set -l words (commandline -opc)
    test "$words[2]" = $argv[1]
end
# Whether the options are still run's: after its file come the guest's words.
function __pollux_before_file
    set -l words (commandline -opc)
    set -e words[1]
    contains -- "$words[1]" ${others.map(([name]) => name).join(" ")}; and return 1
    test "$words[1]" = run; and set -e words[1]
    while set -q words[1]
        switch $words[1]
            case --
                return 1
            case ${separate.flatMap(spellings).join(" ")}
                set -q words[2]; and set -e words[2]
            case '-?*'
            case '*'
                return 1
        end
        set -e words[1]
    end
end
${lines.join("\n")}
`;
}

function flagLine(condition: string, flag: Flag): string {
  const letter = flag.short === undefined ? "" : `-s ${flag.short} `;
  return `complete -c pollux -n ${condition} ${letter}-l ${flag.long} -d ${quoteFish(describeFlag(flag))}${values(flag)}`;
}

function values({ value, alone, group, words, several, starts, names }: Flag): string {
  if (value === undefined) return "";
  const keys = Object.entries(allGroups.find(({ long }) => long === group)?.keys ?? {});
  const offered = [
    ...(words ?? starts ?? []),
    ...keys.map(([name, key]) => quoteFish(`${name}${mayBeBare(key) ? "" : "="}\t${describeKey(key)}`)),
  ];
  const list = group !== undefined || several ? `(__pollux_words ${offered.join(" ")})` : offered.join(" ");
  const needed = alone !== undefined ? "" : names === undefined ? " -x" : " -r";
  if (names === "directory") return " -x -a '(__fish_complete_directories)'";
  return offered.length === 0 ? needed : `${needed} -a ${quoteFish(list)}`;
}

/** Within single quotes fish knows two escapes, and no way out and in again. */
function quoteFish(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}
