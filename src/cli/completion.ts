/** Completions for shells, from the tables of commands and options. */
import { commands } from "./options/commands.ts";
import type { Flag } from "./options/flag.ts";
import { groups, helpFlag, runFlags, versionFlag } from "./options/flags.ts";
import type { Group, Key } from "./options/group.ts";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

export function completion(shell: Shell): string {
  return { bash, zsh, fish }[shell]();
}

const allGroups: readonly Group[] = Object.values(groups);
const flags: readonly Flag[] = [...runFlags, helpFlag, versionFlag];
const spelled = flags.flatMap(({ short, long }) => [...(short === undefined ? [] : [`-${short}`]), `--${long}`]);
const shorts = allGroups.map(({ short }) => short).join("");

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Within single quotes fish knows two escapes, and no way out and in again. */
function quoteFish(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}

/** Whether a key may stand without a value. */
function mayBeBare({ kind }: Key): boolean {
  return kind.hint.startsWith("[");
}

function bash(): string {
  const keys = (group: Group) => Object.entries(group.keys).map(([name, key]) => (mayBeBare(key) ? name : `${name}=`));
  const cases = allGroups.map(
    (group) => `    -${group.short}|--${group.long}) keys=${quote(keys(group).join(" "))} ;;`,
  );
  const names = quote(Object.keys(commands).join(" "));
  return `# bash completion of pollux: source <(pollux completion bash)
_pollux() {
  local cur=\${COMP_WORDS[COMP_CWORD]} option=\${COMP_WORDS[COMP_CWORD-1]} keys='' before=''
  # Bash parts words at =.
  if [[ $cur == = ]]; then cur=''; elif [[ $option == = ]]; then option=\${COMP_WORDS[COMP_CWORD-2]}; fi
  if [[ $cur == -[${shorts}]* ]]; then option=\${cur:0:2} before=\${cur:0:2} cur=\${cur:2}; fi
  case $option in
${cases.join("\n")}
    completion) keys=${quote(shells.join(" "))} ;;
    help) keys=${names} ;;
  esac
  if [[ -n $keys ]]; then
    if [[ $cur == *,* ]]; then before+=\${cur%,*}, cur=\${cur##*,}; fi
    COMPREPLY=($(compgen -P "$before" -W "$keys" -- "$cur"))
    if [[ \${COMPREPLY[0]} == *= ]]; then compopt -o nospace; fi
  elif [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W ${quote(spelled.join(" "))} -- "$cur"))
  else
    COMPREPLY=($(compgen -f -- "$cur"))
    if ((COMP_CWORD == 1)); then COMPREPLY+=($(compgen -W ${names} -- "$cur")); fi
  fi
}
complete -o filenames -F _pollux pollux
`;
}

function zsh(): string {
  /** In a specification, brackets and colons part its fields. */
  const plain = (text: string) => text.replaceAll(/[[\]:\\]/g, "\\$&");
  const value = (key: Key) => `${mayBeBare(key) ? "::" : ":"}value:(${key.kind.words?.join(" ") ?? ""})`;
  const functions = allGroups.map(({ long, keys }) => {
    const specs = Object.entries(keys).map(([name, key]) => quote(`${name}[${plain(key.doc)}]${value(key)}`));
    return `_pollux_${long}() {\n  _values -s , key \\\n    ${specs.join(" \\\n    ")}\n}\n`;
  });
  const specs = flags.map(({ short, long, value: placeholder, alone, doc, repeats, group }) => {
    const action = group === undefined ? "_files" : `_pollux_${group}`;
    const [letter, name] = placeholder === undefined ? ["", ""] : alone === undefined ? ["+", "="] : ["", "=-"];
    const spellings = short === undefined ? `--${long}${name}` : `{-${short}${letter},--${long}${name}}`;
    const after = `[${plain(doc)}]${placeholder === undefined ? "" : `${alone === undefined ? "" : ":"}:value:${action}`}`;
    return `${repeats ? "'*'" : ""}${spellings}${quote(after)}`;
  });
  const names = Object.entries(commands).map(([name, doc]) => quote(`${name}:${doc}`));
  return `#compdef pollux
${functions.join("\n")}
_pollux_first() {
  local -a names=(${names.join(" ")})
  _describe command names
  _files
}

_pollux() {
  local first=_pollux_first
  # After the command come the same options as without it.
  if [[ \${words[2]} == run ]] && ((CURRENT > 2)); then
    words=(\${words[1]} "\${(@)words[3,-1]}") first=_files
    ((CURRENT--))
  fi
  _arguments -s -S \\
    ${specs.join(" \\\n    ")} \\
    '1: :'$first '*::argument:_files'
}
compdef _pollux pollux
`;
}

function fish(): string {
  const lines = Object.entries(commands).map(
    ([name, doc]) => `complete -c pollux -n __fish_use_subcommand -a ${name} -d ${quoteFish(doc)}`,
  );
  lines.push(`complete -c pollux -n '__fish_seen_subcommand_from completion' -x -a ${quoteFish(shells.join(" "))}`);
  for (const { short, long, value, alone, doc, group } of flags) {
    const letter = short === undefined ? "" : `-s ${short} `;
    const keys = Object.entries(allGroups.find((each) => each.long === group)?.keys ?? {}).map(([name, key]) =>
      quoteFish(`${name}${mayBeBare(key) ? "" : "="}\t${key.doc}`),
    );
    const needsValue = value !== undefined && alone === undefined;
    const rest = keys.length > 0 ? ` -x -a ${quoteFish(`(__pollux_keys ${keys.join(" ")})`)}` : needsValue ? " -r" : "";
    lines.push(`complete -c pollux ${letter}-l ${long} -d ${quoteFish(doc)}${rest}`);
  }
  return `# fish completion of pollux: pollux completion fish | source
# The keys of a group, after those that stand before the last comma.
function __pollux_keys
    set -l before (commandline -ct | string replace -r '^(-\\w|--\\w+=)' '' | string match -r '^.*,')
    for key in $argv
        echo "$before$key"
    end
end
${lines.join("\n")}
`;
}
