#!/usr/bin/env bun
import { startAlone } from "../src/adapters/bun-start.ts";

await startAlone();

// Only now: what is loaded before Bun starts again is loaded twice.
await import("./bun-program.ts");
