#!/usr/bin/env node
// The `pollux` of the npm package. It runs what can run here: on Bun and Deno themselves; on Node the standalone binary, from
// the machine's package or from a checkout's build, else Node itself where it can suspend a guest (JSPI).
//
// CommonJS: Node 20 takes 5 ms longer to load a module.
"use strict";

const { accessSync, constants, existsSync } = require("node:fs");
const { join } = require("node:path");

const here = `${process.platform}-${process.arch}`;
const executable = process.platform === "win32" ? "pollux.exe" : "pollux";

/** Node has JSPI since 24.0, without this flag since 24.20. */
const JSPI = "--experimental-wasm-jspi";

/** The dynamic loaders of Linux's C libraries, without which the kernel starts no program that is linked with them. */
const loaders = {
  "linux-x64": "/lib64/ld-linux-x86-64.so.2",
  "linux-arm64": "/lib/ld-linux-aarch64.so.1",
  "linux-x64-musl": "/lib/ld-musl-x86_64.so.1",
  "linux-arm64-musl": "/lib/ld-musl-aarch64.so.1",
};

/** The standalone binary that runs here, if there is one. */
function findBinary() {
  const candidates = [here, `${here}-musl`].map(resolveBinary).filter((path) => path !== undefined);
  // Package managers that do not know C libraries install both, and some machines have the loaders of both.
  if (candidates.length > 1 && isMusl()) candidates.shift();
  return [...candidates, join(__dirname, "../dist", executable)].find(isExecutable);
}

function resolveBinary(platform) {
  if (platform in loaders && !existsSync(loaders[platform])) return undefined;
  try {
    return require.resolve(`@pollux/${platform}/${executable}`);
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
    return undefined;
  }
}

/** Whether this Node is linked with musl. Takes some ms. */
function isMusl() {
  if (process.platform !== "linux") return false;
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime === undefined;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Becomes the program where Node can (execve), else runs it as a child and ends as it ends. */
function become(path, args) {
  if (process.execve) return process.execve(path, [path, ...args], process.env);
  const child = require("node:child_process").spawn(path, args, { stdio: "inherit" });
  const forward = (signal) => {
    // What is typed into a terminal goes to both: twice, it would end a server that is to finish what is under way.
    const typed = signal === "SIGINT" || signal === "SIGQUIT";
    if (!typed || !require("node:tty").isatty(0)) child.kill(signal);
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"];
  for (const signal of signals) process.on(signal, forward);
  child.on("error", (error) => fail(`cannot run ${path}: ${error.message}`));
  child.on("exit", (status, signal) => {
    if (signal === null) process.exit(status);
    for (const each of signals) process.off(each, forward);
    process.kill(process.pid, signal);
  });
}

/** Runs the program of this runtime. Its name stands whole in the `import`: Deno permits what it finds in the source. */
function runProgram(load) {
  load().catch((error) => {
    if (error.code !== "ERR_MODULE_NOT_FOUND" || existsSync(join(__dirname, "../dist/npm/bin"))) throw error;
    fail("pollux is not built in this checkout: npm run build");
  });
}

/** The command that brings the binary for this machine, if there is one. */
function remedy() {
  const { version, optionalDependencies } = require("../package.json");
  if (optionalDependencies === undefined) return "npm run build";
  const name = `@pollux/${here}${isMusl() ? "-musl" : ""}`;
  return name in optionalDependencies ? `npm i -D ${name}@${version}` : undefined;
}

function runOnNode() {
  // Nobody but a reader is told: a script may compare what comes.
  if (!require("node:module").isBuiltin("node:ffi") && require("node:tty").isatty(2)) {
    const command = remedy();
    process.stderr.write(
      `Note: Node ${process.versions.node} has no FFI, so guests have Node's own sockets, and no --dir, --listenfd or unix: addresses; ${command === undefined ? "Node 26.1 has all" : `the binary has all: ${command}`}\n`,
    );
  }
  runProgram(() => import("../dist/npm/bin/node/node.js"));
}

function fail(sentence) {
  process.stderr.write(`Error: ${sentence}\n`);
  process.exit(1);
}

/** Becomes a program that is given the words that were typed, also those that Node has taken for its own. */
async function becomeWith(path, args = []) {
  if (process.argv.some((word) => /^--(?:env|experimental)-/.test(word)))
    (await import("../dist/npm/src/adapters/node-start.js")).restoreWords();
  become(path, [...args, ...process.argv.slice(2)]);
}

const binary = process.versions.bun || process.versions.deno ? undefined : findBinary();
if (process.versions.bun) {
  runProgram(() => import("../dist/npm/bin/bun/bun.js"));
} else if (process.versions.deno) {
  runProgram(() => import("../dist/npm/bin/deno/deno.js"));
} else if (binary !== undefined) {
  becomeWith(binary);
} else if ("Suspending" in WebAssembly) {
  runOnNode();
} else if (process.versions.node.startsWith("24.") && !process.execArgv.includes(JSPI)) {
  becomeWith(process.execPath, [...process.execArgv, JSPI, __filename]);
} else {
  const command = remedy() ?? "use Node 24, Bun (bunx --bun pollux) or Deno";
  fail(`pollux has no binary for ${here} here, and Node ${process.versions.node} cannot run guests itself: ${command}`);
}
