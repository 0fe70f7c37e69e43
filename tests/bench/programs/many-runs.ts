/** `many-runs FILE COUNT`: runs a compiled component so many times, and prints the us a run and the MiB that are then resident. */
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { compile, run } from "../../../src/index.ts";

const [file = "", count = "5000"] = process.argv.slice(2);
const component = await compile(pathToFileURL(file), { wait: "blocking" });
await run(component);
const start = performance.now();
for (let i = 0; i < Number(count); i++) await run(component);
const us = ((performance.now() - start) * 1000) / Number(count);
console.log(JSON.stringify({ us, residentMiB: process.memoryUsage().rss / 1024 / 1024 }));
