#!/usr/bin/env node
import process from "node:process";
import { machines } from "../src/adapters/node.ts";
import { restoreWords } from "../src/adapters/node-start.ts";
import { heapLimit, tuneFor } from "../src/adapters/v8.ts";
import { start } from "../src/cli/main.ts";

restoreWords();
let tune = () => {};
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
  environment: (name) => process.env[name],
});
