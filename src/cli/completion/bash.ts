import type { Flag } from "../options/flag.ts";
import { allCommands, allGroups, flagsOfRun, mayBeBare, quote, spellings } from "./tables.ts";

const names = allCommands.map(([name]) => name);

/**
 * The words of a command line are parted at `=` too. What is left to the shell's own completion of files, which knows how to
 * quote them, is answered with nothing.
 */
export function bash(): string {
  const separate = flagsOfRun.filter(({ value, alone }) => value !== undefined && alone === undefined);
  return `# bash completion of pollux: source <(pollux completion bash)
_pollux_files() {
  local -a files
  mapfile -t files < <(compgen -f -X '!*.wasm' -- "$1")
  if ((\${#files[@]} > 0)); then printf '%s\\n' "\${files[@]}"; compgen -d -- "$1"; fi
}
_pollux() {
  local cur=\${COMP_WORDS[COMP_CWORD]} option=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]} words='' before='' flags i=1
  case $command in
    ${names.join("|")}) ((COMP_CWORD > 1)) && i=2 || command=run ;;
    *) command=run ;;
  esac
  # Bash parts words at =.
  if [[ $cur == = ]]; then cur='' option+==; elif [[ $option == = ]]; then option=\${COMP_WORDS[COMP_CWORD-2]}=; fi
  # After the file of run come the guest's words.
  while [[ $command == run ]] && ((i < COMP_CWORD)); do
    case \${COMP_WORDS[i]} in
      --) return ;;
      =) ((i++)) ;;
      ${separate.flatMap(spellings).join("|")}) [[ \${COMP_WORDS[i+1]} == = ]] || ((i++)) ;;
      -?*) ;;
      *) return ;;
    esac
    ((i++))
  done
  if [[ $cur == -[${allGroups.map(({ short }) => short).join("")}]* ]]; then option=\${cur:0:2} before=\${cur:0:2} cur=\${cur:2}; fi
  case $command$option in
${allCommands.flatMap(([name, { words, flags }]) => commandCases(name, words, flags)).join("\n")}
  esac
  if [[ -n $words ]]; then
    if [[ $cur == *,* ]]; then before+=\${cur%,*}, cur=\${cur##*,}; fi
    mapfile -t COMPREPLY < <(compgen -P "$before" -W "$words" -- "$cur")
    if [[ \${COMPREPLY[0]} == *[=:] ]]; then compopt -o nospace; fi
  elif [[ $cur == -* && -n $flags ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$cur")
  elif [[ $option != ${separate.length === 0 ? "''" : `@(${separate.flatMap(spellings).join("|")})?(=)`} ]]; then
    # Where there is none of these, the shell offers what files there are.
    compopt -o filenames
    mapfile -t COMPREPLY < <(((COMP_CWORD > 1)) || compgen -W ${quote(names.join(" "))} -- "$cur"; _pollux_files "$cur")
  fi
}
complete -o default -F _pollux pollux
`;
}

/** Each sets what may stand at the cursor: the words after an option, or else the command's own, and its options. */
function commandCases(name: string, words: readonly string[] = [], flags: readonly Flag[]): readonly string[] {
  const own = words.length === 0 ? "" : `words=${quote(words.join(" "))} `;
  const spelled = quote(flags.flatMap(spellings).join(" "));
  return [...flags.flatMap((flag) => valueCase(name, flag)), `    ${name}*) ${own}flags=${spelled} ;;`];
}

function valueCase(command: string, flag: Flag): readonly string[] {
  const words = valueWords(flag);
  if (words === "" && flag.names !== "directory") return [];
  const patterns = spellings(flag).flatMap((each) => [
    ...(flag.alone === undefined ? [command + each] : []),
    `${command}${each}=`,
  ]);
  const action = flag.names === "directory" ? "compopt -o dirnames; return" : `words=${quote(words)}`;
  return [`    ${patterns.join("|")}) ${action} ;;`];
}

function valueWords({ group, words = [], starts = [] }: Flag): string {
  const keys = Object.entries(allGroups.find(({ long }) => long === group)?.keys ?? {});
  return [...words, ...starts, ...keys.map(([name, key]) => (mayBeBare(key) ? name : `${name}=`))].join(" ");
}
