/**
 * What lies in the current directory, and what the environment says to a runtime, changes nothing of what Pollux runs or a guest
 * sees; and the words behind the program's name reach it as they were typed.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { guestFile, type Host } from "../e2e/host.ts";
import { here, scratchDirectory } from "./here.ts";

const scratch = scratchDirectory();
const clean = join(scratch, "clean");
const hostile = join(scratch, "hostile");
const marker = join(scratch, "marker");
const evil = join(hostile, "evil.cjs");
const linux = process.platform === "linux" ? false : "the system does not tell what was typed";

mkdirSync(clean);
const packages = ["consola", "smol-toml"];
const modules = [...packages, "consola/core", "bun:ffi", "node:process", "node:fs"];
const toEvil = Object.fromEntries(modules.map((name) => [name, ["./evil.cjs"]]));
const variables = "FROM_DOTENV=yes\nPOLLUX_LOG=trace\nNO_COLOR=\nXDG_CACHE_HOME=/nowhere\n";
const files: Readonly<Record<string, string>> = {
  "evil.cjs": `require("node:fs").appendFileSync(${JSON.stringify(marker)}, "ran "); process.env.FROM_EVIL = "yes";`,
  "bunfig.toml": 'preload = ["./evil.cjs"]\n[define]\n"process.env.POLLUX_LOG" = "\'trace\'"\n',
  ".env": variables,
  ".env.local": variables,
  ".env.production": variables,
  "tsconfig.json": JSON.stringify({ compilerOptions: { baseUrl: ".", paths: toEvil } }),
  "jsconfig.json": JSON.stringify({ compilerOptions: { baseUrl: ".", paths: toEvil } }),
  "package.json": JSON.stringify({ type: "commonjs", imports: toEvil, browser: { consola: "./evil.cjs" } }),
  "deno.json": JSON.stringify({ imports: Object.fromEntries(modules.map((name) => [name, "./evil.cjs"])) }),
  "deno.lock": JSON.stringify({ version: "5" }),
  "node.config.json": JSON.stringify({ nodeOptions: { import: ["./evil.cjs"] } }),
  "wasi.toml": "[wasi]\ninherit-env = true\n",
};
for (const name of packages) {
  mkdirSync(join(hostile, "node_modules", name), { recursive: true });
  const manifest = { name, version: "99.0.0", exports: { ".": "./evil.cjs", "./core": "./evil.cjs" } };
  writeFileSync(join(hostile, "node_modules", name, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(hostile, "node_modules", name, "evil.cjs"), files["evil.cjs"]!);
}
for (const [name, text] of Object.entries(files)) writeFileSync(join(hostile, name), text);
const there = readdirSync(hostile).toSorted();
writeFileSync(join(clean, "wasi.toml"), files["wasi.toml"]!);

/** What a command line does in a directory, and how often evil.cjs ran meanwhile. */
function outcome(host: Host, cwd: string, words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  rmSync(marker, { force: true });
  const [program = "", ...args] = [...host.command, ...words];
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    encoding: "utf8",
    input: "",
    env: { ...process.env, XDG_CACHE_HOME: join(scratch, "cache"), DENO_NO_UPDATE_CHECK: "1", ...env },
    timeout: 60_000,
  });
  if (error) throw error;
  const ran = existsSync(marker) ? readFileSync(marker, "utf8").split(" ").length - 1 : 0;
  return { status, stdout, stderr, ran };
}

/** Command lines that load what Pollux has of others. */
const lines: readonly (readonly string[])[] = [
  ["run", "-v", "--env", "FROM_DOTENV", "--env", "FROM_EVIL", "-Sinherit-env", guestFile("args-env"), "word"],
  ["run", "--config", "wasi.toml", "--stats=json", guestFile("args-env"), "word"],
  ["run", "-Wtimeout=20s", "-Sinherit-env", guestFile("args-env")],
  ["--help"],
  ["--version"],
  ["cache"],
  ["inspect", guestFile("hello")],
];

for (const host of here) {
  describe(`a hostile directory, on ${host.name}`, { skip: host.skip }, () => {
    for (const words of lines) {
      it(`pollux ${words.join(" ").replaceAll(guestFile(""), "")}`, { skip: host.name === "bun" && linux }, () => {
        const expected = outcome(host, clean, words);
        const found = outcome(host, hostile, words);
        assert.equal(found.status, expected.status);
        // Bun has run a preload by the time that it can be told not to; it starts once more without it.
        assert.equal(found.ran, host.name === "bun" ? 1 : 0);
        // An environment has no order on Deno, times are never the same, and the second of two runs may find a cache filled.
        const plain = (text: string) =>
          text
            .replaceAll(/\d+(?:\.\d+)?|(?:not in|from) the cache/g, "0")
            .split("\n")
            .sort();
        assert.deepEqual(plain(found.stdout), plain(expected.stdout));
        assert.deepEqual(plain(found.stderr), plain(expected.stderr));
        assert.doesNotMatch(found.stdout + found.stderr, /FROM_|trace:/);
      });
    }
  });

  describe(`an environment that speaks to Bun, on ${host.name}`, {
    skip: host.skip || (host.name !== "binary" && "a runtime obeys its own variables"),
  }, () => {
    for (const [name, value] of [
      ["BUN_OPTIONS", `--preload=${evil}`],
      ["BUN_OPTIONS", "--help"],
      ["BUN_OPTIONS", `--config=${join(hostile, "bunfig.toml")}`],
      ["BUN_BE_BUN", "1"],
      ["BUN_INSPECT", "ws://127.0.0.1:0/it?wait=1"],
      ["BUN_BYTECODE_ORDER_OUT", join(hostile, "order")],
    ] as const) {
      it(`${name}=${value.replace(hostile, "")}`, () => {
        for (const words of [["--version"], ["run", guestFile("args-env"), "word"]]) {
          const expected = outcome(host, clean, words);
          assert.deepEqual(outcome(host, clean, words, { [name]: value }), expected);
        }
        const { stdout } = outcome(host, clean, ["--env", name, guestFile("args-env")], { [name]: value });
        assert.equal(stdout, `arg args-env.wasm\nenv ${name}=${value}\n`);
        assert.deepEqual(readdirSync(hostile).toSorted(), there);
      });
    }
  });

  describe(`the words behind the program's name, on ${host.name}`, { skip: host.skip || linux }, () => {
    writeFileSync(join(clean, "x.env"), "FROM_DOTENV=yes\n");
    writeFileSync(join(clean, "x.json"), "{}");
    const taken = ["--env-file=x.env", "--env-file-if-exists=x.env", "--experimental-config-file=x.json"];
    for (const words of [
      [],
      ["--"],
      ["--", "--", ""],
      ["", "a b", ""],
      ["run"],
      ["--inspect", "--inspect=0", "--inspect-brk"],
      ["-e", "1", "--eval=1", "-p", "1", "--print"],
      ["--preload", "x", "-r", "x", "--require=x", "--import", "x"],
      ["--help", "-h", "--version", "-v", "-V"],
      ["--watch", "--hot", "--smol", "--bun", "--cwd", "/", "--config=x", "--no-env-file"],
      ["-A", "--allow-all", "--v8-flags=--help", "--no-prompt", "--test"],
      taken,
    ]) {
      it(`${JSON.stringify(words)} are the guest's`, () => {
        for (const before of [[], ["run"], ["--"], ["run", "--"]]) {
          const { status, stdout } = outcome(host, clean, [...before, guestFile("args-env"), ...words]);
          assert.equal(stdout, ["args-env.wasm", ...words].map((word) => `arg ${word}\n`).join(""));
          assert.equal(status, 0);
        }
      });
    }

    it("-- before the file is kept: what follows is a file, whatever it is called", () => {
      for (const name of ["run", "--help", "-v", "--", "--inspect"]) {
        copyFileSync(guestFile("hello"), join(clean, name));
        for (const before of [["--"], ["run", "--"]])
          assert.equal(outcome(host, clean, [...before, name]).stdout, "hello, world\n", [...before, name].join(" "));
        rmSync(join(clean, name));
      }
    });

    it("an environment file that is named among the guest's words is not read", () => {
      const words = ["-Sinherit-env", "--env", "FROM_DOTENV", guestFile("args-env"), "--env-file=x.env"];
      assert.doesNotMatch(outcome(host, clean, words).stdout, /FROM_DOTENV/);
    });
  });
}
