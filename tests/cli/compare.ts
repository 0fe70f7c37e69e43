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
import { groups } from "../../src/cli/options/groups/groups.ts";
import { binary } from "../component/text.ts";
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

/** Guests that show what an option does. */
const texts: Readonly<Record<string, string>> = {
  "grow.wasm": `(module (memory 1) (table 1 funcref) (func (export "_start") (result i32 i32)
    (memory.grow (i32.const 1)) (table.grow 0 (ref.null func) (i32.const 1))))`,
  "lib.wasm": '(module (func (export "f") (result i32) (i32.const 42)))',
  "b=c.wasm": '(module (func (export "f") (result i32) (i32.const 43)))',
  "initialize.wasm":
    '(module (func (export "_initialize") (param i32)) (func (export "f") (result i32) (i32.const 1)))',
  "uses.wasm": '(module (import "lib" "f" (func $f (result i32))) (func (export "_start") (result i32) (call $f)))',
  "sum.wasm": `(module (func (export "all") (param i32 i64 f32 f64) (result i32 i64 f32 f64)
    (local.get 0) (local.get 1) (local.get 2) (local.get 3)) (func (export "_start") (param i32) (result i32) (local.get 0)))`,
  "throw.wasm": '(module (tag $e) (func (export "_initialize") (throw $e)))',
  "unstable.wasm": `(module (import "wasi_unstable" "proc_exit" (func $exit (param i32))) (memory (export "memory") 1)
    (func (export "_start") (call $exit (i32.const 5))))`,
  "random.wasm": `(module (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
    (memory (export "memory") 1) (func (export "_start") (result i32) (call $random (i32.const 0) (i32.const 100))))`,
  "config.wasm": command('(import "wasi:config/store@0.2.0-rc.1" (instance (export "get-all" (func (result u8)))))'),
  "mistyped.wasm": command(
    '(import "wasi:cli/environment@0.2.0" (instance (export "get-arguments" (func (result u32)))))',
  ),
  "kind.wasm": command('(import "wasi:io/poll@0.2.0" (instance (export "pollable" (func))))'),
};
for (const [name, text] of Object.entries(texts)) writeFileSync(join(scratch, name), await binary(text));

/** A command that imports this, and does nothing. */
function command(imports: string): string {
  return `(component ${imports} (core module $m (func (export "run") (result i32) (i32.const 0)))
    (core instance $i (instantiate $m)) (func $run (result (result)) (canon lift (core func $i "run")))
    (instance (export "wasi:cli/run@0.2.0") (export "run" (func $run))))`;
}

const [exit, args, trap, hello, cat, tcp] = ["exit", "args-env", "trap", "hello", "cat", "tcpecho"].map(guestFile);

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
  ...`-Wmax-memory-size=65536|-Wmax-memory-size=0x2_0000|-Wmax-table-elements=1|-Wmax-table-elements=2|-Wtimeout=100s`
    .split("|")
    .map((option) => `${option} grow.wasm`),
  ...`-Wmax-memory-size=65535|-Wmax-table-elements=0|-Wmax-instances=0|-Wmax-memories=0|-Wmax-tables=0`
    .split("|")
    .map((option) => `${option} grow.wasm`),
  ...`|--preload lib=lib.wasm|--preload lib=b=c.wasm|--preload x=lib.wasm|--preload lib=initialize.wasm|--preload lib=none`
    .split("|")
    .map((option) => `run ${option} uses.wasm`),
  ...`|--preload lib=lib.wasm --preload lib=lib.wasm|--preload lib=${hello}|-Wunknown-imports-trap|-Wunknown-imports-default`
    .split("|")
    .map((option) => `run ${option} uses.wasm`),
  ...`sum.wasm 7|sum.wasm|sum.wasm x|--invoke all sum.wasm -1 0x10 1.5 -2e300|--invoke all sum.wasm 1|--invoke none sum.wasm`
    .split("|")
    .map((line) => `run ${line}`),
  ...`throw.wasm|mistyped.wasm|kind.wasm|-Sconfig config.wasm|config.wasm|initialize.wasm 1|--preload x=lib.wasm ${hello}`
    .split("|")
    .map((line) => `run ${line}`),
  ...`|-Spreview0=n`.split("|").map((option) => `run ${option} unstable.wasm`),
  ...`-Smax-random-size=100|-Smax-random-size=99|-Scli=n|-Scli=n,preview0`
    .split("|")
    .map((option) => `${option} random.wasm`),
  ...`-Smax-resources=0|-Smax-resources=1|-Shostcall-fuel=3|-Shostcall-fuel=1_000|-Smax-component-handles=1`
    .split("|")
    .map((option) => `${option} ${hello}`),
  ...`-Sinherit-stdout=n|-Wmax-instances=2|-Wmax-instances=9|-Wasync-stack-size=9|-Sp3=n|-Ccompiler=cranelift,inlining=n`
    .split("|")
    .map((option) => `${option} ${hello}`),
  ...`-Shttp=n|-Wcomponent-model=n|-Sthreads|-Scommon,cli|-H x|-H a: -H x|-H :x|-H @missing|-H @.|-H @bytes|-Wmax-wasm-stack=0`
    .split("|")
    .flatMap((option) => [`serve ${option} missing`, `serve ${option} none.wasm`, `serve ${option} grow.wasm`]),
  ...`-Wconcurrency-support=n|-Wconcurrency-support=n -Scli|--config missing.toml|--config unknown.toml|-Sp3=n`
    .split("|")
    .map((option) => `serve ${option} none.wasm`),
  ...`|a b|a -- b|a -|a --invoke x|-x|--zzz|--addr|--addr x a|--addr 1.1.1.1:1 a --adr x|--no-logging-prefix=x a`
    .split("|")
    .map((rest) => `serve ${rest}`),
  ...`concurrent-requests|concurrent-connections|instance-reuse-count|instance-concurrent-reuse-count`
    .split("|")
    .flatMap((name) => ["", "-1", "1_0", "99999999999999999999"].map((value) => `serve --max-${name}=${value} a`)),
  ...`x||localhost:1|1.2.3.4:65536|[::1%lo]:1|::1:1`.split("|").map((address) => `serve --shutdown-addr=${address} a`),
  `serve ${hello}`,
  `-Sinherit-stderr=n ${trap}`,
  `-Sinherit-stdin=n ${cat}`,
  ...`-Sinherit-env|-Sinherit-env --env HOME=/x|--env HOME --env é=ü|-Scwd=/é|--dir .|--dir .::/x|--dir none`
    .split("|")
    .map((option) => `${option} ${args} a`),
  ...`|-Stcp|-Sinherit-network,tcp=n|-Sinherit-network`.split("|").map((option) => `run ${option} ${tcp} 1.2.3.4:1`),
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
  [/^serve .*hello/, "a hint follows the error"],
  [/-Scommon,cli/, "the deprecated alias is simply the same"],
  [/^-Scli=n /, "a hint follows the error"],
  [/^-Wunknown-imports-trap .*hello/, "wasmtime's stand-ins for resources keep those of WASI from linking"],
  [/^run throw\.wasm/, "engines do not note where an exception was thrown"],
  [/^run config\.wasm| 1\.2\.3\.4:1$/, "a hint follows the error"],
  [/^-Smax-random-size=99 /, "wasmtime's wasip1 stands on its 0.2, and says which function of that failed"],
  [/^-Smax-resources=/, "wasmtime counts resources of its own"],
  [/-hx/, "the help is Pollux's own"],
  [/^(?:cut|section)\.wasm$/, "the reader has its own words for what is malformed"],
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
  // Offsets count from the module here, from the component there, and JavaScriptCore tells neither them nor all indices.
  const text = stderr
    .replaceAll(/^( +\d+: ) *0x[0-9a-f]+ - /gm, "$1")
    .replaceAll(/<wasm function (?:\d+|\?)>/g, "<wasm function>");
  return `status ${status}\n${stdout}${text}`.replaceAll("wasmtime", "pollux");
}
