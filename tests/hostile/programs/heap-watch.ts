/** Watches this process, which may grow by so many bytes, and then runs a core module's `_start`. Arguments: bytes, the module's path. */
import { readFileSync } from "node:fs";
import process from "node:process";
import type { WorkerOptions } from "node:worker_threads";
import { startWorker } from "../../../src/adapters/process/worker.ts";
import { startHeapWatch } from "../../../src/cli/run/watchdog.ts";
import { compile } from "../../../src/wasm/compile.ts";

const runtime = process.versions["bun"] ? "bun" : process.versions["deno"] ? "deno" : "node";
const [most = "", path = ""] = process.argv.slice(2);
const start = async (options: WorkerOptions) => startWorker(`bin/${runtime}-watchdog`, options);
await startHeapWatch(start, Number(most), "guest", () => undefined, undefined);
const { exports } = new WebAssembly.Instance(compile(new Uint8Array(readFileSync(path))));
(exports["_start"] as () => void)();
console.log("it has ended");
process.exit(0);
