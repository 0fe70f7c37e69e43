/** `pollux` on Bun, and the standalone binary. */
import process from "node:process";
import { cacheTools, machines, readFile } from "../src/adapters/bun.ts";
import { engineTuner } from "../src/adapters/bun-engine.ts";
import { start } from "../src/cli/main.ts";

// The tools to keep components are there in the standalone binary alone.
const tuneEngine = cacheTools && engineTuner();

await start({
  machines,
  watchdog: async (options) =>
    (await import("../src/adapters/process/worker.ts")).startWorker("bin/bun-watchdog", options),
  environment: (name) => process.env[name],
  readFile,
  cacheTools,
  tuneEngine,
  // the binary starts with another (build.ts)
  guestStarts: () => Bun.unsafe.setJITPolicy(1),
});
