#!/usr/bin/env node
import { createMachine } from "../src/adapters/node.ts";
import { optimizeSmallGuest } from "../src/adapters/v8.ts";
import { start } from "../src/cli/main.ts";

await start(
  (size) => {
    optimizeSmallGuest(size);
    return createMachine();
  },
  { name: "node-watchdog", from: import.meta.url },
);
