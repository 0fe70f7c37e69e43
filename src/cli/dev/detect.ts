/** How a folder is built, by what lies in it. */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { Failure, quoted } from "../output/failure.ts";

/** A build, and what it writes. */
export interface Recipe {
  readonly command: string;
  /** Returns the file that it has written. @throws Failure */
  file(): string;
}

/** Undefined: the folder is not of that kind. */
type Detect = (folder: string) => Recipe | undefined;

/** The first that fits counts. */
const kinds: readonly Detect[] = [cargo, goModule, makefile, componentizePy, npm];

/** @throws Failure */
export function detect(folder: string): Recipe {
  for (const kind of kinds) {
    const recipe = kind(folder);
    if (recipe !== undefined) return recipe;
  }
  throw new Failure(
    "nothing here says how to build it (Cargo.toml, go.mod, Makefile, app.py and wit, or a build script in package.json): say it by `pollux dev --build COMMAND FILE.wasm`",
  );
}

/** Where builds write what they make. */
const outputs = [".", "build", "dist", "out", "bin", "target/wasm32-wasip2/debug", "target/wasm32-wasip2/release"];

/** Returns the newest file, for a build that does not say what it writes. @throws Failure */
export function newestWasm(folder: string): string {
  const found = globSync(
    outputs.map((each) => `${each}/*.wasm`),
    { cwd: folder },
  ).map((file) => ({ file, time: statSync(join(folder, file)).mtimeMs }));
  const [newest] = found.sort((a, b) => b.time - a.time);
  if (newest === undefined) throw new Failure("the build wrote no .wasm here: name it, `pollux dev FILE.wasm`");
  return newest.file;
}

interface CargoMetadata {
  readonly target_directory: string;
  readonly packages: readonly {
    readonly manifest_path: string;
    readonly default_run: string | null;
    readonly targets: readonly { readonly name: string; readonly kind: readonly string[] }[];
  }[];
}

function cargo(folder: string): Recipe | undefined {
  const manifest = join(folder, "Cargo.toml");
  if (!existsSync(manifest)) return undefined;
  const command = "cargo build --target wasm32-wasip2";
  return { command, file: () => cargoFile(folder, command) };
}

/** The program's, or the library's if there is none; from the project's folder. */
function cargoFile(folder: string, command: string): string {
  const manifest = join(folder, "Cargo.toml");
  const args = ["metadata", "--no-deps", "--format-version=1", `--manifest-path=${manifest}`];
  const { stdout, stderr, status, error } = spawnSync("cargo", args, { encoding: "utf8", maxBuffer: 1 << 28 });
  if (error !== undefined) throw new Failure("failed to run cargo", [error.message]);
  if (status !== 0) throw new Failure("cargo metadata failed", [stderr.trim()]);
  const { packages, target_directory }: CargoMetadata = JSON.parse(stdout);
  const path = realpathSync(manifest);
  const own = packages.find(({ manifest_path }) => manifest_path === path) ?? packages[0];
  const targets = own?.targets ?? [];
  const programs = targets.filter(({ kind }) => kind.includes("bin"));
  const program = programs.find(({ name }) => name === own?.default_run) ?? programs[0];
  const library = targets.find(({ kind }) => kind.includes("cdylib"));
  if (programs.length > 1 && program?.name !== own?.default_run)
    throw new Failure(
      `there are several programs here: name one, \`pollux dev --build '${command} --bin NAME' target/wasm32-wasip2/debug/NAME.wasm\``,
    );
  const name = program?.name ?? library?.name.replaceAll("-", "_");
  if (name === undefined) throw new Failure("this package has neither a program nor a library of the kind cdylib");
  return relative(realpathSync(folder), join(target_directory, "wasm32-wasip2", "debug", `${name}.wasm`));
}

function goModule(folder: string): Recipe | undefined {
  const manifest = join(folder, "go.mod");
  if (!existsSync(manifest)) return undefined;
  const [, path = "app"] = /^module\s+"?([^\s"]+)/m.exec(readFileSync(manifest, "utf8")) ?? [];
  const name = path
    .replace(/\/v\d+$/, "")
    .split("/")
    .at(-1);
  const file = `${name}.wasm`;
  return { command: `GOOS=wasip1 GOARCH=wasm go build -o ${file} .`, file: () => file };
}

function makefile(folder: string): Recipe | undefined {
  const found = ["GNUmakefile", "makefile", "Makefile"].some((name) => existsSync(join(folder, name)));
  return found ? { command: "make", file: () => newestWasm(folder) } : undefined;
}

function componentizePy(folder: string): Recipe | undefined {
  if (!existsSync(join(folder, "app.py"))) return undefined;
  const wits = globSync("wit/*.wit", { cwd: folder }).map((file) => readFileSync(join(folder, file), "utf8"));
  const worlds = wits.flatMap((text) => [...text.matchAll(/^\s*world\s+%?([\w-]+)/gm)].map(([, name]) => name));
  const [world] = worlds;
  if (world === undefined) return undefined;
  if (worlds.length > 1)
    throw new Failure(`there are several worlds in wit (${worlds.join(", ")}): say which, by --build`);
  const file = "app.wasm";
  return { command: `componentize-py -d wit -w ${world} componentize app -o ${file}`, file: () => file };
}

interface PackageJson {
  readonly scripts?: Readonly<Record<string, string>>;
}

function npm(folder: string): Recipe | undefined {
  const manifest = join(folder, "package.json");
  if (!existsSync(manifest)) return undefined;
  const { scripts }: PackageJson = parseJson(manifest);
  if (scripts?.["build"] === undefined) return undefined;
  return { command: "npm run --silent build", file: () => newestWasm(folder) };
}

function parseJson(path: string): PackageJson {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Failure(`failed to parse ${quoted(path)}`, [error.message]);
  }
}
