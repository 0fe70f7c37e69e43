/** The man page, from the tables of commands and options: troff with the man macros (man(7)). */
import { type Command, commands } from "./options/commands.ts";
import { inspectFlags, typesFlags } from "./options/component-flags.ts";
import { describeFlag, spellAll } from "./options/flag.ts";
import { helpFlag, ruleGrammar, runFlags, serveFlags, versionFlag } from "./options/flags.ts";
import { describeKey, type Group } from "./options/groups/group.ts";
import { groups } from "./options/groups/groups.ts";
import { devOnlyFlags, newFlags, selfTestFlags } from "./options/project-flags.ts";
import { version } from "./version.ts";

export function manPage(): string {
  const all: readonly Group[] = Object.values(groups);
  return [
    `.TH POLLUX 1 "" "pollux ${version}" "User Commands"`,
    ".SH NAME",
    "pollux \\- run WASI 0.2 components that use the network",
    ".SH SYNOPSIS",
    ".B pollux",
    "[\\fBrun\\fR] [\\fIOPTIONS\\fR] \\fIWASM\\fR [\\fIARGUMENTS\\fR...]",
    ".br",
    ".B pollux serve",
    "[\\fIOPTIONS\\fR] \\fIWASM\\fR",
    ".br",
    ".B pollux inspect",
    "[\\fIOPTIONS\\fR] \\fIWASM\\fR",
    ".br",
    ".B pollux types",
    "[\\fIOPTIONS\\fR] \\fIWASM\\fR",
    ".br",
    ".B pollux new",
    "\\fB\\-\\-lang\\fR \\fILANG\\fR \\fINAME\\fR",
    ".br",
    ".B pollux dev",
    "[\\fIOPTIONS\\fR] [\\fIWASM\\fR [\\fIARGUMENTS\\fR...]]",
    ".br",
    ".B pollux self\\-test",
    "[\\fB\\-\\-json\\fR]",
    ".SH DESCRIPTION",
    "Runs a WebAssembly component with the arguments that follow its file, as \\fBwasmtime run\\fR does.",
    "The first word that is no option ends the options: it and all that follows are the guest's.",
    "\\fBpollux serve\\fR serves HTTP by a component that exports a handler of wasi:http, as \\fBwasmtime serve\\fR does.",
    "A file named \\fB\\-\\fR is standard input.",
    ".SH COMMANDS",
    ...Object.entries(commands).flatMap(([name, { doc }]) => item(name, doc)),
    ".SH OPTIONS",
    ...[...runFlags, helpFlag, versionFlag].flatMap((flag) => item(spellAll(flag), describeFlag(flag))),
    ".SH OPTIONS OF SERVE",
    "Those of \\fBrun\\fR, save what is for arguments and core modules, and:",
    ...serveFlags
      .filter((flag) => !runFlags.includes(flag))
      .flatMap((flag) => item(spellAll(flag), describeFlag(flag))),
    ".SH OPTIONS OF NEW",
    ...newFlags.flatMap((flag) => item(spellAll(flag), describeFlag(flag))),
    ".SH OPTIONS OF DEV",
    "Those of \\fBrun\\fR and \\fBserve\\fR, whichever the component is for, and:",
    ...devOnlyFlags.flatMap((flag) => item(spellAll(flag), describeFlag(flag))),
    ".SH OPTIONS OF SELF-TEST",
    ...selfTestFlags.flatMap((flag) => item(spellAll(flag), describeFlag(flag))),
    ".SH OPTIONS OF INSPECT",
    ...inspectFlags.flatMap((flag) => item(spellAll(flag), describeFlag(flag))),
    ".SH OPTIONS OF TYPES",
    ...typesFlags.flatMap((flag) => item(spellAll(flag), describeFlag(flag))),
    ".SH RULES",
    "What \\fB\\-\\-allow\\-net\\fR and \\fB\\-\\-deny\\-net\\fR take.",
    ...ruleGrammar.flatMap(described),
    ...all.flatMap((group) => [
      `.SH "KEYS OF \\-${group.short}, \\-\\-${group.long}"`,
      ...Object.entries(group.keys).flatMap(([name, key]) => item(`${name}${key.kind.hint}`, describeKey(key))),
    ]),
    ".SH ENVIRONMENT",
    ...item("POLLUX_LOG", "What Pollux says on stderr: off, info, debug (as -v) or trace"),
    ...item("NO_COLOR", "If it is set, and not empty, nothing is in colour on a terminal"),
    ...item(
      "XDG_CACHE_HOME",
      "Where what was read of components is kept, in a folder pollux (default: ~/.cache): up to 1,000 files and 64 MiB, of which none was unused for 30 days",
    ),
    ".SH EXAMPLES",
    ...Object.values(commands).flatMap(({ examples = [] }: Command) =>
      examples.flatMap(([line, doc]) => item(line, doc)),
    ),
    ".SH EXIT STATUS",
    ...item("0 to 255", "What the guest exits with; 1 when its run function answers an error"),
    ...item("1", "The guest could not be started, or broke a rule of its host"),
    ...item("2", "The command line is wrong"),
    ...item("134", "The guest trapped"),
    "",
  ].join("\n");
}

/** A line of a table (output/layout.ts), or a sentence. */
function described(line: string): string[] {
  const [term = "", doc] = line.trim().split("\t");
  return doc === undefined ? [roff(term)] : item(term, doc);
}

function item(term: string, doc: string): string[] {
  return [".TP", `.B "${roff(term)}"`, roff(doc)];
}

/** A dash is a hyphen to troff, a quote ends an argument, and a line that starts with a dot or an apostrophe is a request. */
function roff(plain: string): string {
  return plain.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll('"', "\\(dq").replace(/^[.']/, "\\&$&");
}
