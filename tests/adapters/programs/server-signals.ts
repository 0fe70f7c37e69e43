/** A server that does nothing but say what its signals ask for; the second ends it. Its argument: somebody supervises it. */
import process from "node:process";
import { ServerSignals } from "../../../src/cli/serve/signals.ts";

const signals = new ServerSignals(process.argv[2] === "supervised");
const alive = setInterval(() => {}, 60_000);
signals.shutdown.addEventListener("abort", () => console.log(`shutdown ${signals.status}`));
signals.handOver.addEventListener("abort", () => console.log(`hand-over ${signals.status}`));
signals.abort.addEventListener("abort", () => {
  console.log(`abort ${signals.status}`);
  clearInterval(alive);
  signals[Symbol.dispose]();
  process.exitCode = signals.status;
});
console.log(`up ${signals.status}`);
