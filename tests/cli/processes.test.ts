/** The command line as real processes: on the runtime that runs this test; on Node also as the standalone binary. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import { version } from "../../src/cli/version.ts";
import { guestFile, type Host, hosts } from "../e2e/host.ts";

const runtime = process.versions["bun"] ? "bun" : process.versions["deno"] ? "deno" : "node";
const here = hosts.filter(({ name }) => name === runtime || (runtime === "node" && name === "binary"));

const scratch = mkdtempSync(join(tmpdir(), "pollux cli é "));
after(() => rmSync(scratch, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(scratch, name);
  writeFileSync(path, content);
  return path;
}

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function pollux(host: Host, args: readonly string[], input: string | Uint8Array = "", cwd = scratch): Ended {
  const [program, ...first] = host.command;
  const { error, status, stdout, stderr } = spawnSync(program!, [...first, ...args], {
    cwd,
    input,
    timeout: 60_000,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], NO_COLOR: "1", POLLUX_TEST: "from the host" },
  });
  if (error) throw error;
  return { status, stdout: stdout.toString(), stderr: stderr.toString() };
}

for (const host of here) {
  describe(`pollux on ${host.name}`, { skip: host.skip }, () => {
    const statuses: readonly (readonly [readonly string[], number])[] = [
      [[], 0],
      [["ok"], 0],
      [["err"], 1],
      [["return-err"], 1],
      [["code", "0"], 0],
      [["code", "7"], 7],
      [["code", "255"], 255],
    ];
    for (const [args, status] of statuses) {
      it(`exit ${args.join(" ")}: status ${status}, and not a word`, () => {
        assert.deepEqual(pollux(host, [guestFile("exit"), ...args]), { status, stdout: "", stderr: "" });
      });
    }

    const traps: readonly (readonly [string, string])[] = [
      ["unreachable", "wasm `unreachable` instruction executed"],
      ["load", "out of bounds memory access"],
      ["divide", "integer divide by zero"],
      ["stack", "call stack exhausted"],
    ];
    for (const [name, description] of traps) {
      it(`trap ${name}: status 134, wasmtime's words, and frames`, () => {
        const trap = guestFile("trap");
        const { status, stdout, stderr } = pollux(host, ["run", trap, name]);
        assert.deepEqual({ status, stdout }, { status: 134, stdout: "" });
        const [head, ...lines] = stderr.split("\n");
        assert.equal(head, `Error: failed to run main module \`${trap}\``);
        assert.deepEqual(lines.slice(0, 4), [
          "",
          "Caused by:",
          "    0: failed to invoke `run` function",
          "    1: error while executing at wasm backtrace:",
        ]);
        assert.match(lines[4] ?? "", /^ {4}0: .*<unknown>!<wasm function \d+>$/);
        assert.equal(lines.at(-3), `    2: wasm trap: ${description}`);
      });
    }

    it("gives the guest its arguments and its environment, and nothing else", () => {
      const { stdout, stderr, status } = pollux(host, [
        "run",
        "--env",
        "POLLUX_TEST",
        "--env=A=007",
        "--env=toString",
        "-Scwd=/w",
        guestFile("args-env"),
        "-Sudp",
        "-h",
        "--",
        "007",
        "ä b",
      ]);
      assert.deepEqual({ stderr, status }, { stderr: "", status: 0 });
      const args = ["args-env.wasm", "-Sudp", "-h", "--", "007", "ä b"].map((arg) => `arg ${arg}`);
      assert.deepEqual(stdout.split("\n"), [...args, "env POLLUX_TEST=from the host", "env A=007", "cwd /w", ""]);
    });

    it("passes the environment on when asked, with nothing that a file in the directory says", {
      skip: host.name === "bun" ? "bun reads .env before Pollux runs" : false,
    }, () => {
      file(".env", "FROM_DOTENV=1\n");
      const { stdout } = pollux(host, ["-Sinherit-env", guestFile("args-env")]);
      assert.match(stdout, /^env POLLUX_TEST=from the host$/m);
      assert.doesNotMatch(stdout, /FROM_DOTENV/);
    });

    it("reads the module from standard input", () => {
      const { status, stdout, stderr } = pollux(host, ["-", "x"], readFileSync(guestFile("args-env")));
      assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: "arg -\narg x\n", stderr: "" });
    });

    it("finds a file by a path with spaces and other letters, and names it as it was given", () => {
      const path = file("ä ö.wasm", readFileSync(guestFile("args-env")));
      assert.equal(pollux(host, [path]).stdout, "arg ä ö.wasm\n");
      assert.equal(pollux(host, ["./ä ö.wasm"]).stdout, "arg ä ö.wasm\n");
    });

    const hello = readFileSync(guestFile("hello"));
    const bad: readonly (readonly [string, () => readonly string[], number, RegExp])[] = [
      [
        "a missing file",
        () => ["nope.wasm"],
        1,
        /^Error: failed to open wasm module "nope.wasm"\n\nCaused by:\n {4}No such file/,
      ],
      [
        "a directory",
        () => [scratch],
        1,
        /^Error: failed to read file: .*\n\nCaused by:\n {4}Is a directory \(os error 21\)\n\n$/,
      ],
      ["an empty file", () => [file("empty", "")], 1, /^Error: expected at least one module field\n/],
      [
        "random bytes",
        () => [file("random", new Uint8Array([0x9a, 0xff, 0x00, 0xfe]))],
        1,
        /input bytes aren't valid utf-8\nhint: this is no WebAssembly: .*\n$/,
      ],
      ["a text", () => [file("a.html", "<html>\n")], 1, /^Error: expected `\(`\n/],
      [
        "a broken core module",
        () => [file("core.wasm", "\0asm\x01\0\0\0\x0a\x05")],
        1,
        /^Error: failed to (?:parse|compile) WebAssembly module\n\nCaused by:\n/,
      ],
      [
        "a component without run",
        () => [file("none.wasm", hello.subarray(0, 8))],
        1,
        /\n\nCaused by:\n {4}no exported instance named `wasi:cli\/run@0.2.12`\n\n$/,
      ],
      ...Array.from({ length: 10 }, (_, i) => {
        const length = 9 + Math.floor(((hello.length - 10) * i) / 9);
        const cut = () => [file("cut.wasm", hello.subarray(0, length))];
        return [`hello cut after ${length} bytes`, cut, 1, /offset 0x[0-9a-f]+\)|no exported instance named/] as const;
      }),
      [
        "a memory limit below what hello needs",
        () => ["-Wmax-memory-size=65536", guestFile("hello")],
        1,
        /\n\nCaused by:\n {4}memory minimum size of \d+ pages exceeds memory limits\n\n$/,
      ],
      [
        "a table limit below what hello needs",
        () => ["-Wmax-table-elements=0", guestFile("hello")],
        1,
        /\n\nCaused by:\n {4}table minimum size of 1 elements exceeds table limits\n\n$/,
      ],
      ["an unknown -S", () => ["-Sfrob", "x"], 2, /^error: unknown -S \/ --wasi option: frob\n$/],
      ["an -S that is not there yet", () => ["-Snn", "x"], 1, /^Error: -S nn is not supported yet\n$/],
      ["an unknown option", () => ["run", "--mapdir", "x"], 2, /^error: unexpected argument '--mapdir' found\n/],
      ["no file", () => ["run"], 2, /^error: the following required arguments were not provided:\n {2}<WASM>...\n/],
      ["a command of wasmtime's", () => ["compile", "x"], 1, /^Error: `pollux compile` is not supported\n$/],
    ];
    for (const [name, args, status, text] of bad) {
      it(`${name}: one error, status ${status}, no stack`, () => {
        const ended = pollux(host, args());
        assert.deepEqual({ status: ended.status, stdout: ended.stdout }, { status, stdout: "" });
        assert.match(ended.stderr, text);
        assert.equal(ended.stderr.match(/^error: /gim)?.length, 1);
        assert.doesNotMatch(ended.stderr, /^ +at |\.ts:\d|\.js:\d/m);
      });
    }

    it("runs within the limits", () => {
      const { status, stdout } = pollux(host, ["-Wmax-memory-size=0x200000,max-table-elements=1", guestFile("hello")]);
      assert.deepEqual({ status, stdout }, { status: 0, stdout: "hello, world\n" });
    });

    const texts: readonly (readonly [readonly string[], RegExp])[] = [
      [["--version"], new RegExp(`^pollux ${version}\n$`)],
      [["--help"], /Commands:\n {2}run /],
      [["run", "-h"], /-S, --wasi <KEY\[=VAL\[,\.\.\]\]>/],
      [["help", "run"], /-S, --wasi <KEY\[=VAL\[,\.\.\]\]>/],
      [["-Shelp"], /^Available wasi options:\n\n.* inherit-network\[=y\|n\] +The host/s],
      [["run", "-W", "help-long"], /^Available wasm options:\n\n.* timeout=N/s],
    ];
    for (const [args, text] of texts) {
      it(`${args.join(" ")} goes to stdout`, () => {
        const { status, stdout, stderr } = pollux(host, args);
        assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
        assert.match(stdout, text);
      });
    }

    it("says with -v what it does, on stderr alone", () => {
      const { status, stdout, stderr } = pollux(host, ["-v", guestFile("hello")]);
      assert.deepEqual({ status, stdout }, { status: 0, stdout: "hello, world\n" });
      assert.match(stderr, /^pollux: debug: .*hello\.wasm: \d+ bytes/);
      assert.match(stderr, /exit status 0\n$/);
    });

    it("ends quietly when nobody reads what it says", () => {
      const [program, ...first] = host.command;
      const command = [program!, ...first].map((word) => `'${word}'`).join(" ");
      for (const args of ["--help", "-Shelp", "--nope", "nope.wasm"]) {
        const script = `{ ${command} ${args} 2>&1; echo $? >&3; } 3>status | true; cat status`;
        const { stdout, stderr } = spawnSync("sh", ["-c", script], { cwd: scratch, encoding: "utf8" });
        assert.match(stdout, /^[012]\n$/);
        assert.equal(stderr, "");
      }
    });
  });
}
