/**
 * Builds what is shipped. Runs on Bun, whose compiler makes the standalone binary: `bun build.ts [binary] [binaries] [npm]
 * [packages] [archives]`; without a word, what the tests need: the binary and the npm package's JavaScript.
 *
 *     dist/pollux           the standalone binary, for this machine
 *     dist/binaries/        the same for the other machines, in folders named as their packages; Bun fetches its runtimes for them from npm
 *     dist/npm/             what the npm package runs on Node, Bun and Deno: in src/ the library's JavaScript and types, in bin/ the
 *                           program, bundled for each of them; the man page
 *     dist/packages/        what is published: `pollux`, and `@pollux/<os>-<cpu>` with the binary (`-musl` for that C library)
 *     dist/release/         what a release has beside these: archives with the binary, scripts that install them, their checksums
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import process from "node:process";
import { writeRelease } from "./build/archives.ts";
import { writePackages } from "./build/packages.ts";
import { binaryOf, dist, here, root, targets } from "./build/targets.ts";
import { commandHelp, overview } from "./src/cli/help.ts";
import { manPage } from "./src/cli/man.ts";
import { type CommandName, commands } from "./src/cli/options/commands.ts";
import { packGuests } from "./src/cli/self-test/guests.ts";
import { guestNames } from "./src/cli/self-test/subjects.ts";
import { version } from "./src/cli/version.ts";

/** Variables that make Bun's runtime another program than the one that was compiled in, run other code, write files, or let it be debugged. */
const obeyed = [
  "BUN_BE_BUN",
  "BUN_BYTECODE_ORDER_OUT",
  "BUN_OPTIONS",
  "BUN_INSPECT",
  "BUN_INSPECT_CONNECT_TO",
  "BUN_INSPECT_PRELOAD",
];

/** How many times later than else code is compiled to be faster, until a guest runs: of what starts one, most runs once. */
const START_POLICY = 10;

/** Those that run the program of the npm package. */
const runtimes = ["bun", "deno", "node"] as const;
type Runtime = (typeof runtimes)[number];

/** The modules that the package exports or its launcher imports: dist/npm/src has them and all that they reach. */
const library = ["index", "adapters/bun", "adapters/deno", "adapters/node", "adapters/node-start"].map(
  (name) => `../src/${name}.ts`,
);

/** The same in the binaries of all machines. */
let said: ReturnType<typeof answers> | undefined;

/** Those that could not be had, and why. */
const unmade: string[] = [];

const steps: Record<string, () => Promise<void> | void> = {
  binary: () => compile(binaryOf(here)),
  binaries: buildBinaries,
  npm: buildNpm,
  packages: buildPackages,
  archives: buildArchives,
};

for (const name of process.argv.length > 2 ? process.argv.slice(2) : ["binary", "npm"]) {
  const step = steps[name];
  if (!step) throw new Error(`no such step: ${name} (there are ${Object.keys(steps).join(", ")})`);
  const start = performance.now();
  await step();
  console.log(`built ${name} in ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

/**
 * Bytecode halves the start of a run (RATIONALE.md); splitting keeps what a plain run does not import out of its way, and
 * `oneRoom` keeps what it does import together. A directory's .env and bunfig.toml are Bun's business, not Pollux's: a guest
 * must not find them in its environment.
 */
async function compile(outfile: string, target?: Bun.Build.CompileTarget): Promise<void> {
  said ??= answers();
  const adapters: string[] = [];
  await Bun.build({
    entrypoints: [join(root, "bin/bun-binary.ts")],
    format: "esm",
    minify: true,
    bytecode: true,
    define: { POLLUX_BUILD: JSON.stringify(buildId()), POLLUX_ANSWERS: JSON.stringify(said) },
    splitting: true,
    plugins: [
      listing(adapters),
      await withWorkers([...libraryWorkers("bun"), "bin/bun-watchdog"]),
      selfTestGuests(),
      oneRoom("bun"),
    ],
    compile: {
      outfile,
      ...(target && { target }),
      executablePath: sealedRuntime(target),
      autoloadDotenv: false,
      autoloadBunfig: false,
      jitPolicy: START_POLICY,
    },
  });
  rmSync(join(dist, "runtimes"), { recursive: true });
  const foreign = adapters.filter((file) => /(^|\/)(node|deno)\b/.test(file));
  console.log(`adapters: ${[...new Set(adapters)].sort().join(" ")}`);
  if (foreign.length > 0) throw new Error(`adapters of other runtimes in Bun's bundle: ${foreign.join(", ")}`);
}

/**
 * A copy of Bun's runtime that obeys none of these variables, which no option of the build turns off: their names in it are
 * made empty, and no variable has an empty name (getenv(3)). Bun signs what it makes of it for macOS afterwards.
 */
function sealedRuntime(target: Bun.Build.CompileTarget | undefined): string {
  const bytes = readFileSync(target === undefined ? process.execPath : fetchedRuntime(target));
  for (const name of obeyed) {
    // In that for Windows another string may end right before it.
    const string = `${name}\0`;
    const at = bytes.indexOf(string);
    if (at < 0 || bytes.indexOf(string, at + 1) >= 0) throw new Error(`${name} is not once in the runtime of Bun`);
    bytes[at] = 0;
  }
  const path = join(dist, "runtimes", target ?? here);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  chmodSync(path, 0o755);
  return path;
}

/** Where Bun keeps its runtime for another machine; compiling anything for it fetches that. */
function fetchedRuntime(target: Bun.Build.CompileTarget): string {
  const scratch = join(dist, "runtimes", "empty");
  mkdirSync(dirname(scratch), { recursive: true });
  writeFileSync(`${scratch}.ts`, "");
  run(process.execPath, ["build", "--compile", `--target=${target}`, `${scratch}.ts`, `--outfile=${scratch}`]);
  const { stdout } = spawnSync(process.execPath, ["pm", "cache"], { cwd: root, encoding: "utf8" });
  return join(stdout.trim(), `${target.replace("arm64", "aarch64")}-v${Bun.version}`);
}

/** The texts that stand in the binary, of help and the version, each with the command lines that ask for it. */
function answers(): readonly (readonly [text: string, lines: readonly string[]])[] {
  const names = (Object.keys(commands) as CommandName[]).filter((name) => name !== "help");
  const asked: readonly (readonly [text: string, lines: readonly (readonly string[])[]])[] = [
    [`pollux ${version}\n`, [["--version"], ["-V"]]],
    [overview(), [[], ["--help"], ["-h"], ["help"], ["help", "help"], ["help", "--help"], ["help", "-h"]]],
    ...names.map(
      (name) =>
        [
          commandHelp(name),
          [
            [name, "--help"],
            [name, "-h"],
            ["help", name],
          ],
        ] as const,
    ),
  ];
  return asked.map(([text, lines]) => [text, lines.map((words) => words.map((word) => `${word}\0`).join(""))]);
}

/**
 * Another one where what reads and checks components may be another, or the engine that
 * keeps them (src/cli/run/component-cache.ts).
 */
function buildId(): string {
  const hash = new Bun.CryptoHasher("sha256").update(Bun.revision);
  const reading = globSync("src/{wasm,component,wasi}/**/*.ts", { cwd: root }).sort();
  for (const file of [...reading, "src/cli/run/component-cache.ts"]) hash.update(readFileSync(join(root, file)));
  return hash.digest("hex");
}

/**
 * The bundler makes a chunk for each set of entries that share some files, and each `import()` is such an entry: what a plain
 * run loads would lie in 40 chunks (1 ms). All of it is there when anything is imported later, so each of those may import all
 * of it, and then one chunk holds it.
 */
function oneRoom(runtime: Runtime): Bun.BunPlugin {
  const later = new Set<string>();
  for (const file of globSync("{src,bin}/**/*.ts", { cwd: root })) {
    const text = readFileSync(join(root, file), "utf8");
    for (const [, path = ""] of text.matchAll(/\bimport\("(\.[^"]+)"\)/g)) later.add(join(root, dirname(file), path));
  }
  // Every run imports these.
  const imports = ["src/cli/main.ts", `src/adapters/${runtime}.ts`]
    .map((file) => `import ${JSON.stringify(join(root, file))};\n`)
    .join("");
  return {
    name: "one room",
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, ({ path }) =>
        later.has(path) ? { loader: "ts", contents: readFileSync(path, "utf8") + imports } : undefined,
      );
    },
  };
}

/** The workers that the library starts on a runtime, as src/adapters/process/worker-source.ts names them. */
function libraryWorkers(runtime: Runtime): string[] {
  return [`bin/${runtime}-waiter`, "src/adapters/tls/tls-worker"];
}

/**
 * The module that is shipped in the place of src/adapters/process/worker-source.ts: the workers' code as text. It is CommonJS, which all
 * runtimes evaluate; and of no runtime's own, as Bun's CommonJS is.
 */
async function workerTexts(names: readonly string[]): Promise<string> {
  const texts: Record<string, string> = {};
  for (const name of names) {
    const entrypoints = [join(root, `${name}.ts`)];
    const { outputs } = await Bun.build({ entrypoints, target: "node", format: "cjs", minify: true });
    texts[name] = await outputs[0]!.text();
  }
  return `const texts = ${JSON.stringify(texts)};\nexport function workerSource(name) {\n  return texts[name];\n}\n`;
}

/** Puts the text of these workers into a bundle. */
async function withWorkers(names: readonly string[]): Promise<Bun.BunPlugin> {
  const contents = await workerTexts(names);
  return {
    name: "workers",
    setup(build) {
      build.onLoad({ filter: /[\\/]worker-source\.ts$/ }, () => ({ loader: "js", contents }));
    },
  };
}

/** Puts the guests of `pollux self-test` into the program. */
function selfTestGuests(): Bun.BunPlugin {
  return {
    name: "guests of the self-test",
    setup(build) {
      build.onLoad({ filter: /self-test[\\/]packed-guests\.ts$/ }, () => ({
        loader: "ts",
        contents: `export const packed = ${JSON.stringify(packGuests(guestNames))};`,
      }));
    },
  };
}

/** Writes down which of the adapters' files go into a bundle. */
function listing(into: string[]): Bun.BunPlugin {
  const adapters = join(root, "src/adapters");
  return {
    name: "adapters",
    setup(build) {
      build.onLoad({ filter: /src[\\/]adapters[\\/].*\.ts$/ }, ({ path }) => {
        into.push(relative(adapters, path));
        return undefined;
      });
    },
  };
}

async function buildBinaries(): Promise<void> {
  const lines: string[] = [];
  for (const [platform, { bun, tried }] of Object.entries(targets)) {
    const file = binaryOf(platform);
    try {
      if (platform !== here) await compile(file, bun);
      else if (!existsSync(file)) throw new Error("the step before, binary, makes it");
      lines.push(`${relative(root, file)}: ${tried}`);
    } catch (error) {
      unmade.push(platform);
      // Bun's "Bundle failed" has its reasons inside.
      const reasons = error instanceof AggregateError ? error.errors : [error];
      lines.push(
        `${platform} was not made: ${reasons.map((each) => (each instanceof Error ? each.message : each)).join("; ")}`,
      );
    }
  }
  console.log(lines.join("\n"));
}

/** Of the library the TypeScript compiler drops the types and makes `.ts` of imports `.js`. */
async function buildNpm(): Promise<void> {
  const out = join(dist, "npm");
  const config = join(dist, "tsconfig.json");
  rmSync(out, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  const compilerOptions = {
    // What Node 22 runs: it has no `using`.
    target: "es2024",
    noEmit: false,
    stripInternal: true,
    rewriteRelativeImportExtensions: true,
    rootDir: root,
    outDir: out,
  };
  // Who reads of the library reads its declarations: comments in its code as well would be a tenth of the package.
  for (const emit of [{ removeComments: true }, { declaration: true, emitDeclarationOnly: true }]) {
    const options = { ...compilerOptions, ...emit };
    const project = { extends: "../tsconfig.json", compilerOptions: options, files: library, include: [], exclude: [] };
    writeFileSync(config, JSON.stringify(project));
    run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", config]);
  }
  const workers = new Set(runtimes.flatMap(libraryWorkers));
  writeFileSync(join(out, "src/adapters/process/worker-source.js"), await workerTexts([...workers]));
  for (const runtime of runtimes) await bundleProgram(runtime, join(out, "bin", runtime));
  writeFileSync(join(out, "pollux.1"), manPage());
}

/**
 * The program for a runtime, in few files: a runtime that loads it from 600 needs 1.3 (Node) to 1.5 times (Deno) the time for a
 * hello.
 */
async function bundleProgram(runtime: Runtime, outdir: string): Promise<void> {
  await Bun.build({
    entrypoints: [join(root, `bin/${runtime}.ts`)],
    naming: { entry: "[name].[ext]" },
    target: runtime === "bun" ? "bun" : "node",
    format: "esm",
    minify: true,
    splitting: true,
    define: { POLLUX_BUNDLED: "true" },
    plugins: [
      await withWorkers([...libraryWorkers(runtime), `bin/${runtime}-watchdog`]),
      selfTestGuests(),
      oneRoom(runtime),
    ],
    outdir,
  });
}

/** The packages to publish, from what the steps before made: run those first. */
function buildPackages(): void {
  if (unmade.length > 0) throw new Error(`no packages without the binaries of ${unmade.join(", ")}`);
  const packages = join(dist, "packages");
  writePackages(packages);
  for (const name of readdirSync(packages)) {
    const files = globSync("**/*", { cwd: join(packages, name) }).map((file) => statSync(join(packages, name, file)));
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    console.log(`${relative(root, join(packages, name))}: ${(bytes / 1e6).toFixed(1)} MB`);
  }
}

/** The files of a release, from what the steps before made: run those first. */
function buildArchives(): void {
  if (unmade.length > 0) throw new Error(`no archives without the binaries of ${unmade.join(", ")}`);
  const made = Object.keys(targets).filter((platform) => existsSync(binaryOf(platform)));
  writeRelease(
    join(dist, "release"),
    made.map((platform) => ({ platform, binary: binaryOf(platform) })),
  );
}

function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
