/**
 * Runs the same command lines on a real wasmtime 48 (on PATH, or named by $WASMTIME) and on dist/pollux, and prints where
 * status or text differ: `node tests/cli/compare.ts`. Not a test: what differs is listed below with its reason, and anything
 * else ends it with status 1.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { groups } from "../../src/cli/options/flags.ts";
import { guestFile } from "../e2e/host.ts";

const wasmtime = process.env["WASMTIME"] ?? "wasmtime";
const pollux = join(import.meta.dirname, "../../dist/pollux");
const scratch = mkdtempSync(join(tmpdir(), "pollux-compare-"));
process.on("exit", () => rmSync(scratch, { recursive: true }));

const files: Readonly<Record<string, string | Uint8Array>> = {
  empty: "",
  text: "hello\n",
  later: ";; c\n\n  (; d\n ;) hi there\n",
  bytes: new Uint8Array([0xff, 0xfe]),
  "none.wasm": "\0asm\x0d\0\x01\0",
  "cut.wasm": "\0asm\x0d\0\x01\0\x07",
  "section.wasm": "\0asm\x0d\0\x01\0\xff",
  "limits.toml": "[wasm]\nmax-memories = 0\n",
  "unknown.toml": "[wasm]\nfrob = true\n",
  "type.toml": "[wasi]\n  max-resources = -1 # less than none\n",
  "table.toml": "wasm = 3\n",
};
for (const [name, content] of Object.entries(files)) {
  writeFileSync(join(scratch, name), typeof content === "string" ? Buffer.from(content, "latin1") : content);
}

const [exit, args, trap, hello] = ["exit", "args-env", "trap", "hello"].map(guestFile);

/** Words are parted by spaces. */
const lines: readonly string[] = [
  ..."|run|-S|-S -Stcp|run --env|run --env -x a|run --argv0 a --argv0 b x|run --allow-precompiled=x a".split("|"),
  ..."--mapdir x|run --mapdir x|run --mapdir=a x|--evn x|-x|run -x|run -1|run ---x|run --=x|run -V|run -hx=1".split(
    "|",
  ),
  ..."run --prelod c|-Stcp --prelod|run --env a --argv0 x -Stcp -Sudp --mapdir|run -Stcp -Wsimd --env a|run -Stcp".split(
    "|",
  ),
  ..."--help=|help frob|run --preload a x|run --profile=foo x|-Sfrob --help|-Stcp run x|run -- nope -x|frob".split("|"),
  ...Object.keys(files),
  ...`missing|.|text/x|${hello}|-Ccache=n ${hello}|-O opt-level=0 ${hello}|run -- ${hello}`.split("|"),
  ..."ok|err|return-err|code 0|code 7|code 255".split("|").map((how) => `${exit} ${how}`),
  ..."unreachable|stack|divide".split("|").map((how) => `run ${trap} ${how}`),
  `run -Stcp ${args} -Sudp -h -- 007`,
  `--argv0 other --env A=1 --env B=x=y --env A=2 --env NONE -Scwd=/w ${args}`,
  `-- ${args} -- -x`,
  `-Scommon,cli ${hello}`,
  ...`-Scli=n|-Scli-exit-with-code=n|-Sthreads|-Sconfig|-Wmax-instances=0|-Wmax-memories=0|-Wmax-tables=0|-Wmax-tables=9`
    .split("|")
    .map((option) => `${option} ${hello}`),
  ...`-Wmax-wasm-stack=0|-Wmax-wasm-stack=9,async-stack-size=8|-Wmax-wasm-stack=1000000|-Wcomponent-model=n`
    .split("|")
    .map((option) => `${option} ${hello}`),
  ...`-Wunknown-exports-allow|-Wunknown-imports-trap|-Wunknown-imports-default|-Wtimeout=100s`
    .split("|")
    .map((option) => `${option} ${hello}`),
  ...`limits.toml|unknown.toml|type.toml|table.toml|bytes|missing.toml|.`
    .split("|")
    .map((file) => `--config ${file} ${hello}`),
  `--config limits.toml -Wmax-memories=9 ${hello}`,
  `--config limits.toml --config limits.toml ${hello}`,
  ...`run()|nope()|wasi:cli/run.run@0.2.0()|wasi:cli/run.run@1.0.0()|run(1)|run|run()x`
    .split("|")
    .map((call) => `--invoke ${call} ${hello}`),
  ...Object.values(groups).flatMap(({ short, keys }) =>
    Object.entries(keys).flatMap(([name, { kind }]) => {
      const wrong = [`-${short}${name}=?`, `-${short}${name}=`];
      const bare = kind.hint.startsWith("[") ? [] : [`-${short}${name}`];
      return [...wrong, ...bare].map((option) => `${option} missing`);
    }),
  ),
];

/** Differences that are meant, by what the command line matches. */
const meant: readonly (readonly [RegExp, string])[] = [
  [/^--argv0 .* frob$/, "Pollux has options of its own, which may be similar"],
  [/-Scommon,cli/, "the deprecated alias is simply the same"],
  [/^-Scli=n /, "a hint follows the error"],
  [/^-Wunknown-imports-trap .*hello/, "wasmtime's stand-ins for resources keep those of WASI from linking"],
  [/trap\.wasm/, "offsets count from the module, not the component, and JavaScriptCore tells none"],
  [/-hx/, "the help is Pollux's own"],
  [/^(?:cut|section)\.wasm$/, "the reader has its own words for what is malformed"],
  [/^-Ccache-config/, "there is no cache whose settings could be missing"],
  [/^-[SWDR][a-z-]+=\?? missing$/, "options that Pollux lacks are refused before the file is looked for"],
];

let differing = 0;
for (const line of lines) {
  const words = line.split(" ").filter((word) => word !== "");
  const [theirs, ours] = [ended(wasmtime, words), ended(pollux, words)];
  if (theirs === ours) continue;
  const reason = meant.find(([pattern]) => pattern.test(line))?.[1];
  if (reason === undefined) differing++;
  console.log(`--- ${line}${reason === undefined ? "" : ` (${reason})`}\nwasmtime: ${theirs}\npollux:   ${ours}`);
}
console.log(`${lines.length} command lines, ${differing} differ without a reason`);
process.exitCode = differing === 0 ? 0 : 1;

function ended(program: string, words: readonly string[]): string {
  const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], RUST_BACKTRACE: "0" };
  const { error, status, stdout, stderr } = spawnSync(program, words, { cwd: scratch, encoding: "utf8", env });
  if (error) throw error;
  return `status ${status}\n${stdout}${stderr}`.replaceAll("wasmtime", "pollux");
}
