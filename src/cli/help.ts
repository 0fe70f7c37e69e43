/** Help, to be laid out (output/layout.ts): what `pollux` alone says, and what there is of each command. */
import { type Command, type CommandName, commands, type Example } from "./options/commands.ts";
import { describeFlag, type Flag, type Section, spell } from "./options/flag.ts";
import { versionFlag } from "./options/flags.ts";
import { version } from "./version.ts";

/** The commands that most people want first. */
const firstSteps: readonly Example[] = [
  ["pollux inspect app.wasm", "what the component needs, and the command that runs it"],
  ["pollux -Sinherit-network app.wasm", "run it with the host's network"],
  ["pollux serve app.wasm", "serve HTTP by it"],
];

const titles: { readonly [section in Section]: string } = {
  project: "Project",
  server: "Server",
  guest: "What the guest is given",
  network: "Network",
  development: "Development",
  engine: "How it runs",
  compatibility: "For wasmtime's command lines: not supported, or without effect",
};

export function overview(): string {
  const rows = Object.entries(commands).map(
    ([name, { operands, doc }]) => `  ${`${name} ${operands}`.trimEnd()}\t${doc}\n`,
  );
  return [
    `pollux ${version}: runs WebAssembly components that use the network, as wasmtime does\n`,
    "Usage: pollux [OPTIONS] <WASM>...\n       pollux <COMMAND>\n",
    `Commands:\n${rows.join("")}`,
    examples(firstSteps),
    `Options:\n${row(versionFlag)}  -h, --help\tPrint this; 'pollux run --help' has the options of a run\n`,
  ].join("\n");
}

export function commandHelp(name: CommandName): string {
  const { doc, operands, flags, examples: lines, notes = [] }: Command = commands[name];
  // Its name may be left out.
  const bare = name === "run" ? `\n       pollux [OPTIONS] ${operands}` : "";
  return [
    `${doc}\n`,
    `${`Usage: pollux ${name} [OPTIONS] ${operands}`.trimEnd()}${bare}\n`,
    ...(lines === undefined ? [] : [examples(lines)]),
    ...options(flags),
    ...(notes.length === 0 ? [] : [`\f${notes.join("\n")}\n`]),
  ].join("\n");
}

/** A table of their own. */
function examples(lines: readonly Example[]): string {
  return `\fExamples:\n${lines.map(([line, doc]) => `  ${line}\t${doc}\n`).join("")}\f`;
}

/** Section by section, those that belong to none last. */
function options(flags: readonly Flag[]): string[] {
  const parts = Object.entries(titles).map(
    ([section, title]) => [title, flags.filter((flag) => flag.section === section)] as const,
  );
  const others = flags.filter(({ section }) => section === undefined);
  return [...parts, ["Options", others] as const]
    .filter(([, rows]) => rows.length > 0)
    .map(([title, rows]) => `${title}:\n${rows.map(row).join("")}`);
}

function row(flag: Flag): string {
  return `  ${flag.short === undefined ? "    " : `-${flag.short}, `}${spell(flag)}\t${describeFlag(flag)}\n`;
}
