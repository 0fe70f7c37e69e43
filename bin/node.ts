#!/usr/bin/env node
import process from "node:process";
import { machines } from "../src/adapters/node.ts";
import { restoreWords } from "../src/adapters/node-start.ts";
import { heapLimit, optimizeSmallGuest } from "../src/adapters/v8.ts";
import { start } from "../src/cli/main.ts";

restoreWords();
await start({
  machines: {
    ...machines,
    async blocking(size, threads, parts) {
      const machine = await machines.blocking(size, threads, parts);
      // Node crashes where a worker starts after V8's flags were changed.
      if (!threads) optimizeSmallGuest(size);
      return machine;
    },
  },
  watchdog: { name: "node-watchdog", from: import.meta.url },
  heapLimit,
  environment: (name) => process.env[name],
});
