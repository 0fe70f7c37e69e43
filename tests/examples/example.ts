/** The programs in examples/, built and run by the lines of their READMEs, with other ports and each host's `pollux`. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { buildPythonGuest, Guest, type Host } from "../e2e/host.ts";
import { noGo } from "../e2e/p1/go.ts";
import { noRust } from "../e2e/rust.ts";

const root = join(import.meta.dirname, "../..");
export const examples = join(root, "examples");

/** Where the compiler of Python guests is, once one was built. */
const componentize = join(root, "tests/guests/build/componentize-py-0.25.1/bin");

const env = {
  ...process.env,
  PATH: [join(root, "node_modules/.bin"), componentize, process.env["PATH"]].join(delimiter),
  CARGO_NET_OFFLINE: "true",
};

/** Why what an example is written in cannot be built here, by the line that builds it; false: it can. */
const missing: readonly (readonly [command: RegExp, why: () => string | false])[] = [
  [/^cargo /, noCrates],
  [/^clang-19 /, () => !existsSync("/usr/include/wasm32-wasi/stdio.h") && "no wasi-libc of Debian's on this machine"],
  [/ go build /, () => noGo],
  [/^componentize-py /, () => buildPythonGuest("pylib")],
];

function noCrates(): string | false {
  const fetched = () => spawnSync("cargo", ["fetch", "--target", "wasm32-wasip2"], { cwd: examples }).status === 0;
  return noRust() || (!fetched() && "what the examples need cannot be had from crates.io");
}

/** The ports that READMEs name. */
const PORTS = /\b900[01]\b/g;

export class Example {
  readonly skip: string | false;
  readonly #folder: string;
  /** Lines that build it, and that run it. */
  readonly #build: readonly string[];
  readonly #run: readonly string[];

  constructor(name: string) {
    this.#folder = join(examples, name);
    const readme = readFileSync(join(this.#folder, "README.md"), "utf8");
    const lines = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, code = ""]) => code.trimEnd().split("\n"));
    const builds = (line: string) => missing.some(([command]) => command.test(line));
    this.#build = lines.filter(builds);
    this.#run = lines.filter((line) => !builds(line));
    this.skip =
      this.#build
        .map((line) => missing.find(([command]) => command.test(line))!)
        .map(([, why]) => why())
        .find((why) => why !== false) ?? false;
  }

  build(): void {
    for (const line of this.#build) {
      const { status, stderr } = spawnSync("sh", ["-ec", line], { cwd: this.#folder, env, encoding: "utf8" });
      if (status !== 0) throw new Error(`${line}: ${stderr}`);
    }
  }

  /**
   * Starts it by the line that begins with this word.
   *
   * @param ports in the place of 9000 and 9001
   */
  #start(word: string, program: readonly string[], ports: readonly number[]): Guest {
    const line = this.#run.find((each) => each.startsWith(`${word} `));
    if (line === undefined) throw new Error(`no line of the README begins with ${word}`);
    const given = line.slice(word.length).replaceAll(PORTS, (port) => `${ports[Number(port) - 9000]}`);
    const quoted = [...program, this.#folder].map((each) => `'${each}'`);
    // Or `node --test` would tell this test's own runner of its results.
    const script = `unset NODE_TEST_CONTEXT; cd ${quoted.at(-1)} && exec ${quoted.slice(0, -1).join(" ")}${given}`;
    return new Guest(["sh", "-c", script], { PATH: env.PATH });
  }

  /** Starts the line with `pollux`, on this host. */
  on(host: Host, ...ports: readonly number[]): Guest {
    return this.#start("pollux", host.command, ports);
  }

  /** Starts the line of this program of node_modules. */
  by(program: "node" | "bun" | "deno" | "vitest", ...ports: readonly number[]): Guest {
    return this.#start(program, [join(root, "node_modules/.bin", program)], ports);
  }
}
