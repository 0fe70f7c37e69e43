/** `pollux` on Bun, and the standalone binary. */
import process from "node:process";
import { cacheTools, machines, readFile } from "../src/adapters/bun.ts";
import { start } from "../src/cli/main.ts";

await start({
  machines,
  watchdog: { name: "bun-watchdog", from: import.meta.url },
  environment: (name) => process.env[name],
  readFile,
  cacheTools,
  // the binary starts with another (build.ts)
  guestStarts: () => Bun.unsafe.setJITPolicy(1),
});
