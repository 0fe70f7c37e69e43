#!/usr/bin/env -S deno run -A
import { startTuned } from "../src/adapters/deno-flags.ts";
import { granted } from "../src/adapters/process/granted.ts";

startTuned(Deno.args);

// Only now: what is loaded before Deno starts again is loaded twice.
const [{ machines }, { start }] = await Promise.all([import("../src/adapters/deno.ts"), import("../src/cli/main.ts")]);

await start({
  machines,
  watchdog: async (options) =>
    (await import("../src/adapters/process/worker.ts")).startWorker("bin/deno-watchdog", options),
  heapLimit: async () => (await import("../src/adapters/v8.ts")).heapLimit(),
  environment: (name) => (granted({ name: "env", variable: name }) ? Deno.env.get(name) : undefined),
  permits(name, of) {
    if (name === "read" || name === "write") return granted(of === undefined ? { name } : { name, path: of });
    return granted(name === "env" && of !== undefined ? { name, variable: of } : { name });
  },
});
