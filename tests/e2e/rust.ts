/** Builds the Rust guests of tests/guests/rust, with the machine's cargo, for wasm32-wasip2. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

const TARGET = "wasm32-wasip2";
const guests = join(import.meta.dirname, "../guests");

const env = {
  ...process.env,
  // tokio's sockets on WASI are behind this.
  RUSTFLAGS: "--cfg tokio_unstable",
  // For C in crates: Debian's compiler, with wasi-libc's headers.
  CC_wasm32_wasip2: "clang-19",
  CFLAGS_wasm32_wasip2: "-isystem/usr/include/wasm32-wasi",
};

let known: string | false | undefined;

/** Why Rust guests cannot be built; false: they can. */
export function noRust(): string | false {
  known ??= missing();
  return known;
}

/** Asks rustup for the target where there is none. */
function missing(): string | false {
  if (spawnSync("cargo", ["--version"]).error !== undefined) return "no cargo on this machine";
  if (!hasTarget()) spawnSync("rustup", ["target", "add", TARGET]);
  return hasTarget() ? false : `no ${TARGET} for this machine's rustc`;
}

function hasTarget(): boolean {
  const { status, stdout } = spawnSync("rustc", ["--print", "target-libdir", "--target", TARGET], { encoding: "utf8" });
  return status === 0 && existsSync(stdout.trim());
}

/** Those that are no commands. */
const libraries: ReadonlySet<string> = new Set(["serve3", "library"]);

/** Copies what is not there yet: other processes may be compiling it. Each file is there whole, or not. */
function copyChanged(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) {
      copyChanged(source, target);
    } else if (!existsSync(target) || !readFileSync(source).equals(readFileSync(target))) {
      const whole = `${target}.${process.pid}`;
      cpSync(source, whole, { preserveTimestamps: true });
      renameSync(whole, target);
    }
  }
}

/** A package of ours: a copy, since cargo keeps a lock file beside the manifest. */
export class RustGuest {
  readonly folder: string;
  readonly file: string;
  readonly #name: string;
  /** Why it cannot be built; false: it can. */
  readonly skip: string | false;

  constructor(
    name:
      | "std"
      | "tokio"
      | "axum"
      | "p3"
      | "http3"
      | "files3"
      | "hello"
      | "serve2"
      | "serve3"
      | "library"
      | "compute"
      | "sqlite",
  ) {
    this.#name = name;
    this.folder = join(guests, "build/rust", name);
    // A library's name has no hyphens.
    this.file = this.fileOf(libraries.has(name) ? `${name}_guest` : `${name}-guest`);
    copyChanged(join(guests, "rust", name), this.folder);
    this.skip = noRust() || (this.cargo(["fetch"]).status !== 0 && "what it needs cannot be had from crates.io");
  }

  /** The file of one of its programs. */
  fileOf(program: string): string {
    return join(this.folder, "target", TARGET, "release", `${program}.wasm`);
  }

  build(): void {
    const { status, stderr } = this.cargo(["build", "--release", "--offline"]);
    if (status !== 0) throw new Error(`cargo build: ${stderr}`);
  }

  /** Builds it as `cargo build` does, without what debuggers read. Returns the file. */
  buildUnoptimised(): string {
    const { status, stderr } = this.cargo(["build", "--offline", "--config", 'profile.dev.strip="debuginfo"']);
    if (status !== 0) throw new Error(`cargo build: ${stderr}`);
    return this.file.replace("/release/", "/debug/");
  }

  /** Builds it for this machine. Returns the program. */
  buildNative(): string {
    const options = { cwd: this.folder, encoding: "utf8" } as const;
    const { status, stderr } = spawnSync("cargo", ["build", "--release"], options);
    if (status !== 0) throw new Error(`cargo build: ${stderr}`);
    return join(this.folder, "target/release", `${this.#name}-guest`);
  }

  /** `cargo run`, with this command as its runner. */
  runWith(runner: readonly string[], args: readonly string[], input: string) {
    const config = `target.${TARGET}.runner=${JSON.stringify(runner)}`;
    return this.cargo(["run", "--release", "--offline", "--quiet", "--config", config, "--", ...args], input);
  }

  cargo([command = "", ...args]: readonly string[], input = "") {
    const options = { cwd: this.folder, env, encoding: "utf8", input } as const;
    return spawnSync("cargo", [command, "--target", TARGET, ...args], options);
  }
}
