import type { Flag } from "../options/flag.ts";
import { describeFlag } from "../options/flag.ts";
import { describeKey, type Key } from "../options/groups/group.ts";
import { allCommands, allFlags, allGroups, flagsOfRun, mayBeBare, quote } from "./tables.ts";

export function zsh(): string {
  const groups = allGroups.map(({ long, keys }) => {
    const specs = Object.entries(keys).map(([name, key]) =>
      quote(`${name}[${plain(describeKey(key))}]${keyValue(key)}`),
    );
    return `_pollux_${long}() {\n  _values -s , key \\\n    ${specs.join(" \\\n    ")}\n}\n`;
  });
  const lists = flagsOfRun.flatMap(({ long, words, several }) =>
    several ? [`_pollux_${long}() {\n  _values -s , word ${words?.join(" ")}\n}\n`] : [],
  );
  const beginnings = allFlags.flatMap(({ long, starts }) =>
    starts ? [`_pollux_${long}() {\n  compadd -S '' -- ${starts.map(quote).join(" ")}\n}\n`] : [],
  );
  const others = allCommands.filter(([name]) => name !== "run");
  const branches = others.map(([name, { flags, words }]) => {
    const operand = words === undefined ? "'*:file:_pollux_files'" : `'1: :(${words.join(" ")})'`;
    return `    ${name})\n      _arguments -s -S ${[...flags.map(spec), operand].join(" ")} ;;`;
  });
  const names = allCommands.map(([name, { doc }]) => quote(`${name}:${doc}`));
  return `#compdef pollux
${[...groups, ...lists, ...beginnings].join("\n")}
_pollux_files() {
  _files -g '*.wasm(-.)'
}

_pollux_first() {
  local -a names=(${names.join(" ")})
  _describe command names
  _pollux_files
}

_pollux() {
  local first=_pollux_first command=run
  if ((CURRENT > 2)) && [[ \${words[2]} == (${allCommands.map(([name]) => name).join("|")}) ]]; then
    command=\${words[2]} words=(\${words[1]} "\${(@)words[3,-1]}") first=_pollux_files
    ((CURRENT--))
  fi
  case $command in
${branches.join("\n")}
    *)
      _arguments -s -S -A '-*' \\
        ${flagsOfRun.map(spec).join(" \\\n        ")} \\
        '1: :'$first '*::argument:_files' ;;
  esac
}
compdef _pollux pollux
`;
}

/** In a specification, brackets and colons part its fields. */
function plain(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, "\\$&");
}

function keyValue(key: Key): string {
  return `${mayBeBare(key) ? "::" : ":"}value:(${key.kind.words?.join(" ") ?? ""})`;
}

function spec(flag: Flag): string {
  const { short, long, value, alone, repeats } = flag;
  const [letter, name] = value === undefined ? ["", ""] : alone === undefined ? ["+", "="] : ["", "=-"];
  const spelled = short === undefined ? `--${long}${name}` : `{-${short}${letter},--${long}${name}}`;
  const after = value === undefined ? "" : `${alone === undefined ? "" : ":"}:value:${action(flag)}`;
  return `${repeats ? "'*'" : ""}${spelled}${quote(`[${plain(describeFlag(flag))}]${after}`)}`;
}

/** What completes its value. A space: nothing does. */
function action({ long, group, words, several, starts, names }: Flag): string {
  if (group !== undefined || several || starts !== undefined) return `_pollux_${group ?? long}`;
  if (words !== undefined) return `(${words.join(" ")})`;
  return names === undefined ? " " : names === "file" ? "_files" : "_files -/";
}
