/** Commands, and the options that are not a run's. */
import { commandNames, commands, shells } from "../../../src/cli/options/commands.ts";
import { fewPermissions, literally, needsPermission, type Row, refused, works } from "../row.ts";
import { cat, HELLO, hello, type Places } from "./places.ts";

const line = (option: string, words: readonly string[], expected: Row["expected"], more: Partial<Row> = {}): Row => ({
  option,
  words,
  expected,
  ...more,
});

const usage = (command: string) => works(new RegExp(`^Usage: pollux ${literally(command)}`, "m"));

const missing = (operand: string) =>
  refused(
    new RegExp(`^error: the following required arguments were not provided:\n {2}${literally(operand)}\n`, "m"),
    2,
  );

export function commandRows({ directory, guests }: Places): Row[] {
  const others = [...commandNames].filter((name) => !Object.hasOwn(commands, name));
  return [
    line("run", ["run", ...hello], works(HELLO)),
    line("run", [...hello], works(HELLO)),
    line("run", ["run", "--", ...cat], works("typed\n"), { input: "typed\n" }),
    line("run", ["run"], missing("<WASM>...")),
    line("run", [], usage("[OPTIONS]")),
    line("run", ["run", "--frob", ...hello], refused(/^error: unexpected argument '--frob' found\n/m, 2)),
    line("run", ["run", "none.wasm"], refused(/^Error: failed to open wasm module "none.wasm"\n/m)),
    line("run --help", ["run", "--help"], usage("run")),
    line("run --help", ["run", "-h"], usage("run")),
    line("run --help", ["--help"], usage("[OPTIONS]")),
    line("--version", ["--version"], works(/^pollux \d.*\n$/)),
    line("--version", ["-V"], works(/^pollux \d.*\n$/)),

    line("inspect", ["inspect", ...hello], works(/^package root:component;\n/m)),
    line("inspect", ["inspect", guests.module], works(/core module/)),
    line("inspect", ["inspect"], missing("<WASM>")),
    line("inspect", ["inspect", "none.wasm"], refused(/^Error: failed to open wasm module "none.wasm"\n/m)),
    line("inspect --json", ["inspect", "--json", ...hello], works(/^\{\n {2}"file": ".*hello\.wasm",\n[\s\S]*\n\}\n$/)),
    line("inspect --check", ["inspect", "--check", ...hello], works(/^package root:component;\n/m)),
    line("inspect --help", ["inspect", "--help"], usage("inspect")),
    line("types", ["types", ...hello], works(/^export interface Hello \{$/m)),
    line("types --name", ["types", "--name=App", ...hello], works(/^export interface App \{$/m)),
    line("types --wait", ["types", "--wait=suspending", ...hello], works(/^ {2}run\(\): Promise<void>;$/m)),
    line("types --wait", ["types", "--wait=blocking", ...hello], works(/^ {2}run\(\): void;$/m)),
    line(
      "types --wait",
      ["types", "--wait=never", ...hello],
      refused(/^error: invalid value 'never' for '--wait <STRATEGY>'/m, 2),
    ),
    line("types", ["types", guests.module], refused(/^Error: types are of components: a core module has none\n/m)),
    line("types", ["types"], refused(/^error: the following required arguments were not provided:\n {2}<WASM>\n/m, 2)),
    line("types --help", ["types", "--help"], usage("types")),

    ...shells.map((shell) => line("completion", ["completion", shell], works(/^#.*pollux/))),
    line("completion", ["completion"], missing("<SHELL>")),
    line("completion", ["completion", "csh"], refused(/^error: invalid value 'csh' for '<SHELL>'\n/m, 2)),
    line("completion --help", ["completion", "--help"], usage("completion")),

    ...projectRows(),

    ...cacheRows(directory),

    line("help", ["help"], usage("[OPTIONS]")),
    line("help --help", ["help", "--help"], usage("[OPTIONS]")),
    ...commands.help.words.map((word) => line("help", ["help", word], usage(word === "help" ? "[OPTIONS]" : word))),
    line("help", ["help", "frob"], refused(/^error: unrecognized subcommand 'frob'\n/m, 2)),

    ...others.map((name) => line(name, [name, ...hello], refused(`\`pollux ${name}\` is not supported`))),
  ];
}

/** What they do takes seconds, and folders of its own: tests/e2e and tests/newcomer. */
function projectRows(): Row[] {
  const needsToWrite = {
    on: fewPermissions,
    because: "Deno lets nothing be written or started without its permissions",
    expected: needsPermission("write"),
  };
  return [
    line("new", ["new"], refused(/^error: which language shall it be in\?\n\n {2}rust /m, 2)),
    line("new", ["new", "hello"], refused(/^error: which language shall it be in\?\n\n {2}rust /m, 2)),
    line(
      "new --lang",
      ["new", "--lang=cobol", "hello"],
      refused(/^error: invalid value 'cobol' for '--lang <LANG>'/m, 2),
    ),
    line("new --help", ["new", "--help"], usage("new")),
    line("dev", ["dev", "--frob"], refused(/^error: unexpected argument '--frob' found\n/m, 2)),
    line("dev --build", ["dev", "--build=true", "none.wasm"], refused(/^Error: the build wrote no none.wasm\n/m), {
      otherwise: needsToWrite,
    }),
    line("dev --help", ["dev", "--help"], usage("dev")),
    line("self-test", ["self-test", "app.wasm"], refused(/^error: unexpected argument 'app.wasm' found\n/m, 2)),
    line("self-test --json", ["self-test", "--json", "x"], refused(/^error: unexpected argument 'x' found\n/m, 2)),
    line("self-test --help", ["self-test", "--help"], usage("self-test")),
  ];
}

function cacheRows(directory: string): Row[] {
  const more = {
    env: { XDG_CACHE_HOME: directory },
    otherwise: {
      on: fewPermissions,
      because: "Deno lets nothing of the environment be read without --allow-env",
      expected: needsPermission("env"),
    },
  };
  const said = (words: string) => works(`${directory}/pollux: ${words}0 components, 0 bytes\n`);
  return [
    line("cache", ["cache"], said(""), more),
    line("cache", ["cache", "clean"], said("removed "), more),
    line("cache", ["cache", "frob"], refused(/^error: invalid value 'frob' for '\[ACTION\]'\n/m, 2)),
    line("cache --help", ["cache", "--help"], usage("cache")),
  ];
}
