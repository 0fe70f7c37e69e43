#!/usr/bin/env node
import process from "node:process";
import { machines } from "../src/adapters/node.ts";
import { restoreWords } from "../src/adapters/node-start.ts";
import { heapLimit, tuneFor } from "../src/adapters/v8.ts";
import { start } from "../src/cli/main.ts";

restoreWords();
let tune = () => {};
let inspected = false;
await start({
  machines: {
    ...machines,
    async blocking(threads, needs) {
      const machine = await machines.blocking(threads, needs);
      // Node crashes where a worker starts after V8's flags were changed.
      if (!threads) tune();
      return machine;
    },
  },
  async tuneEngine(files, level) {
    tune = () => tuneFor(files, level);
  },
  watchdog: async (options) =>
    (await import("../src/adapters/process/worker.ts")).startWorker("bin/node-watchdog", options),
  heapLimit,
  async inspect(port) {
    const { open, waitForDebugger } = await import("node:inspector");
    open(port, "127.0.0.1");
    waitForDebugger();
    inspected = true;
  },
  guestStarts() {
    // Its modules are known to the debugger by now: breakpoints can be set in them.
    // biome-ignore lint/suspicious/noDebugger: this is what --inspect is for
    if (inspected) debugger;
  },
  environment: (name) => process.env[name],
});
