/** A project in one language, as `pollux new` makes it. */
export interface Template {
  /** As people write it: `Rust`. */
  readonly language: string;
  /** The program, as the end of a sentence: `a TCP echo server, ...`. */
  readonly what: string;
  readonly tools: readonly Tool[];
  /** Names that its tools have for something else. */
  readonly reserved?: readonly string[];
  /** A command that is run once, before the first build. */
  readonly setup?: string;
  /** The build command of `pollux dev`. */
  readonly build: string;
  /** The file that the build writes. */
  readonly file: string;
  /** The build of what is deployed, and the file that it writes, where they are others. */
  readonly release?: { readonly build: string; readonly file: string };
  readonly command: "run" | "serve";
  /** Options of `pollux run` or `pollux serve`. */
  readonly options: readonly string[];
  /** How to talk to the program, from another terminal. */
  readonly client: string;
  /** The file to edit. */
  readonly source: string;
  /** The lines of .gitignore. */
  readonly ignored: readonly string[];
  /** VS Code's name of what finds errors in the build's output. */
  readonly problemMatcher?: string;
  /** The files that only this language has, by path. */
  readonly files: Readonly<Record<string, string>>;
}

/** A program that a build needs. */
export interface Tool {
  readonly name: string;
  /** How it is found: one of these on PATH is enough. */
  readonly programs: readonly string[];
  /** How to get it: a command, or where to read of it. */
  readonly from: string;
}

/** Where the echo servers listen. */
export const ADDRESS = "127.0.0.1:9999";

export const CLIENT = `nc ${ADDRESS.replace(":", " ")}`;

/** All files of the project, by path. */
export function filesOf(name: string, template: Template): Readonly<Record<string, string>> {
  return {
    ...template.files,
    "README.md": readme(name, template),
    "pollux.toml": settingsFile(template),
    ".gitignore": template.ignored.map((each) => `${each}\n`).join(""),
    ".vscode/tasks.json": tasks(template),
  };
}

/** `pollux run OPTIONS FILE`. @param first Options that come before the others */
function runLine({ command, options }: Template, file: string, ...first: readonly string[]): string {
  return ["pollux", command, ...first, ...options, file].join(" ");
}

function readme(name: string, template: Template): string {
  const { language, what, tools, setup, build, file, release, client, source, command } = template;
  const watch = command === "run" ? "--watch=keep-listeners" : "--watch";
  return `# ${name}

In ${language}: ${what}.

## Once

${[...tools.map((tool) => `- ${tool.name}: ${tool.from}`), ...(setup === undefined ? [] : [`- \`${setup}\``])].join("\n")}

## Work on it

    pollux dev

builds it, runs it, and does both again whenever you save a file. Clients that connect in between wait. In another terminal:

    ${client}

Then edit \`${source}\`, save, and connect again. What \`pollux dev\` runs it with stands in \`pollux.toml\`.

## Build and run it by hand

    ${build}
    ${runLine(template, file)}

The same, and again whenever the file is built anew:

    ${runLine(template, file, watch)}

## Deploy it

${release === undefined ? "" : `    ${release.build}\n`}    ${runLine(template, release?.file ?? file)}

The file is all that there is to copy. It reaches what the options let it reach, and nothing else.
`;
}

function settingsFile({ command, options, build }: Template): string {
  return `# What \`pollux dev\` runs the component with, as on the command line of \`pollux ${command}\`.
[dev]
options = ${JSON.stringify(options).replaceAll(",", ", ")}
# args = []       # the guest's arguments
# build = ""      # a command in place of: ${build}
# file = ""       # what that writes
`;
}

/** Tasks for VS Code: Ctrl+Shift+B builds, `Tasks: Run Task` has the dev loop. */
function tasks({ build, problemMatcher }: Template): string {
  const matcher = problemMatcher === undefined ? [] : [problemMatcher];
  const all = {
    version: "2.0.0",
    tasks: [
      {
        label: "build",
        type: "shell",
        command: build,
        group: { kind: "build", isDefault: true },
        problemMatcher: matcher,
      },
      { label: "dev", type: "shell", command: "pollux dev", isBackground: true, problemMatcher: [] },
    ],
  };
  return `${JSON.stringify(all, undefined, 2)}\n`;
}
