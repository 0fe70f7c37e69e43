#!/usr/bin/env node
// The `pollux` of the npm package. It runs what can run here: on Bun and Deno themselves; on Node the standalone binary, from
// the platform's package or from a checkout's build, else Node itself when it can suspend a guest (JSPI).
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** The standalone binary for this OS and CPU, if there is one. */
function findBinary() {
  const extension = process.platform === "win32" ? ".exe" : "";
  const candidates = [];
  try {
    const require = createRequire(import.meta.url);
    candidates.push(require.resolve(`@pollux/${process.platform}-${process.arch}/pollux${extension}`));
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
  }
  candidates.push(fileURLToPath(new URL(`../dist/pollux${extension}`, import.meta.url)));
  return candidates.find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Becomes the binary where Node can (execve), else runs it as a child and ends as it ends. */
function runBinary(path, args) {
  if (process.execve) return process.execve(path, [path, ...args], process.env);
  const child = spawn(path, args, { stdio: "inherit" });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"];
  const forward = (signal) => child.kill(signal);
  for (const signal of signals) process.on(signal, forward);
  child.on("error", (error) => fail(`cannot run ${path}: ${error.message}`));
  child.on("exit", (status, signal) => {
    if (signal === null) process.exit(status);
    for (const each of signals) process.off(each, forward);
    process.kill(process.pid, signal);
  });
}

function fail(sentence) {
  process.stderr.write(`Error: ${sentence}\n`);
  process.exit(1);
}

if (process.versions.bun) {
  await import("../dist/npm/bin/bun/bun.js");
} else if (process.versions.deno) {
  await import("../dist/npm/bin/deno/deno.js");
} else {
  const binary = findBinary();
  if (binary) {
    // Words that Node may have taken for its own.
    if (process.argv.some((word) => /^--(?:env|experimental)-/.test(word)))
      (await import("../dist/npm/src/adapters/node-start.js")).restoreWords();
    runBinary(binary, process.argv.slice(2));
  } else if ("Suspending" in WebAssembly) {
    await import("../dist/npm/bin/node/node.js");
  } else {
    fail(
      `pollux has no binary for ${process.platform}-${process.arch} here: run it on Node >= 24.20, on Bun (bunx --bun pollux) or on Deno (this is Node ${process.versions.node})`,
    );
  }
}
