/** A big guest of the standalone binary: it starts once more, with options of the engine, and nothing else is another. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { here, scratchDirectory } from "../cli/here.ts";
import { guestFile, type Host, hosts } from "./host.ts";

const scratch = scratchDirectory();
const binary = hosts.find(({ name }) => name === "binary")!;
const runsHere = here.includes(binary);
const skip = binary.skip || (runsHere ? process.platform !== "linux" && "needs /proc" : "tested by Node");

/** A committed guest with a custom section of 1 MiB behind it. */
function big(name: string): string {
  return enlarged(guestFile(name), join(scratch, `${name}.wasm`));
}

function enlarged(file: string, path: string): string {
  const content = new Uint8Array(1 << 20);
  // Section 0, its size in three bytes, an empty name.
  const size = content.length - 4;
  content.set([0, (size & 0x7f) | 0x80, ((size >> 7) & 0x7f) | 0x80, size >> 14]);
  writeFileSync(path, Buffer.concat([readFileSync(file), content]));
  return path;
}

const args = big("args-env");
const exit = big("exit");
const cat = big("cat");
const server = big("tcpecho");

type Environment = Readonly<Record<string, string>>;

const own: Environment = { XDG_CACHE_HOME: scratch };

function pollux(
  { command: [program = "", ...first] }: Host,
  words: readonly string[],
  env: Environment = {},
  input = "",
) {
  const ended = spawnSync(program, [...first, ...words], {
    encoding: "utf8",
    input,
    timeout: 60_000,
    env: { PATH: process.env["PATH"], ...own, ...env },
  });
  if (ended.error) throw ended.error;
  const { status, signal, stdout, stderr } = ended;
  return { status, signal, stdout, stderr };
}

for (const host of here) {
  describe(`-O opt-level, on ${host.name}`, { skip: host.skip }, () => {
    for (const level of ["0", "1", "2", "s"]) {
      it(`${level}: small and big guests run as they do without it`, () => {
        for (const guest of [guestFile("args-env"), args]) {
          const ended = pollux(host, ["run", `-Oopt-level=${level}`, guest, "a b", ""]);
          const stdout = "arg args-env.wasm\narg a b\narg \n";
          assert.deepEqual(ended, { status: 0, signal: null, stdout, stderr: "" });
        }
      });
    }

    it("3 is none", () => {
      const { status, stderr } = pollux(host, ["run", "-Oopt-level=3", args]);
      assert.match(stderr, /unknown optimization level `3`, only 0,1,2,s accepted/);
      assert.equal(status, 2);
    });
  });
}

const OPTION = /^BUN_JSC_/;

describe("a big guest of the standalone binary", { skip }, () => {
  /** A server once it listens: what its process was started with the last time, and where its descriptor 3 leads. */
  async function started(words: readonly string[], env: Environment = {}) {
    const [program = ""] = binary.command;
    const descriptor = openSync(args, "r");
    const all = ["run", ...words, "127.0.0.1:0"];
    const child = spawn(program, all, { stdio: ["ignore", "pipe", "inherit", descriptor], env: { ...own, ...env } });
    const ended = once(child, "exit");
    assert.ok(child.stdout);
    try {
      const [text] = await once(child.stdout, "data");
      assert.match(`${text}`, /^listening on /);
      const read = (name: string) => readFileSync(`/proc/${child.pid}/${name}`, "utf8").split("\0").slice(0, -1);
      assert.deepEqual(read("cmdline"), [program, ...all]);
      assert.equal(readlinkSync(`/proc/${child.pid}/fd/3`), args);
      return read("environ").filter((variable) => OPTION.test(variable));
    } finally {
      closeSync(descriptor);
      child.kill("SIGTERM");
      assert.deepEqual(await ended, [null, "SIGTERM"]);
    }
  }

  const network = ["-Sinherit-network", "-Stcp"];
  const usual = [
    "BUN_JSC_maximumOMGCandidateCost=50000",
    "BUN_JSC_wasmOMGOptimizationLevel=1",
    "BUN_JSC_thresholdForOMGOptimizeAfterWarmUp=1000000",
  ];
  const thorough = usual.with(1, "BUN_JSC_wasmOMGOptimizationLevel=2");
  const config = join(scratch, "wasi.toml");
  writeFileSync(config, "[optimize]\nopt-level = 0\n");

  // An option that stood there twice would tell of a second start.
  for (const [what, words, expected] of [
    ["starts once more, with options of the engine", [server], usual],
    ["with others for -O opt-level=2", ["-Oopt-level=2", server], thorough],
    ["not with -O opt-level=0", ["-Oopt-level=0", server], []],
    ["not where a file of options says so", ["--config", config, server], []],
  ] as const) {
    it(`${what}; its words, its descriptors and its signals are what they were`, async () => {
      assert.deepEqual(await started([...network, ...words]), expected);
    });
  }

  it("a small one does not start again, but with -O opt-level=2", async () => {
    const small = guestFile("tcpecho");
    assert.deepEqual(await started([...network, small]), []);
    assert.deepEqual(await started([...network, "-Oopt-level=2", small]), thorough);
  });

  it("leaves alone what the user has set", async () => {
    const name = "BUN_JSC_wasmOMGOptimizationLevel";
    assert.deepEqual(await started([...network, server], { [name]: "0" }), [`${name}=0`]);
    const { stdout } = pollux(binary, ["run", "--env", name, args], { [name]: "0" });
    assert.equal(stdout, `arg args-env.wasm\nenv ${name}=0\n`);
  });

  it("sees nothing of it: its environment is a small one's", () => {
    const env = { A: " ü\n1 ", BUN_JSC_useDollarVM: "0" };
    for (const words of [["-Sinherit-env"], ["--env", "BUN_JSC_maximumOMGCandidateCost"]]) {
      const small = pollux(binary, ["run", ...words, guestFile("args-env"), "word"], env);
      assert.equal(small.status, 0, small.stderr);
      assert.deepEqual(pollux(binary, ["run", ...words, args, "word"], env), small);
    }
  });

  it("nor with --watch, whose processes are Pollux's children", async () => {
    const [program = ""] = binary.command;
    const words = ["run", "--watch", "-Sinherit-env", args];
    const child = spawn(program, words, { stdio: ["ignore", "pipe", "pipe"], env: { ...own, LAST: "yes" } });
    const ended = once(child, "exit");
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
    });
    // It has ended, and what it wrote is there.
    for await (const piece of child.stderr) if (/waiting for it to change/.test(`${piece}`)) break;
    child.kill("SIGTERM");
    await ended;
    assert.match(text, /^arg args-env\.wasm\n/);
    assert.match(text, /^env LAST=yes$/m);
    assert.doesNotMatch(text, /BUN_JSC_/);
  });

  it("has its standard input, and its exit status is its own", () => {
    const input = "x".repeat(100_000);
    assert.equal(pollux(binary, ["run", cat], {}, input).stdout, input);
    assert.deepEqual(pollux(binary, ["run", exit, "code", "7"]), { status: 7, signal: null, stdout: "", stderr: "" });
  });

  it("is read once where it comes by a pipe", () => {
    const piped = spawnSync("sh", ["-c", `cat "$1" | "$0" run /dev/stdin word`, ...binary.command, args], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], ...own },
    });
    assert.deepEqual([piped.stdout, piped.stderr], ["arg stdin\narg word\n", ""]);
  });
});
