#!/usr/bin/env bun
import { cacheTools, machines, mapFile } from "../src/adapters/bun.ts";
import { start } from "../src/cli/main.ts";

await start({ machines, watchdog: { name: "bun-watchdog", from: import.meta.url }, readFile: mapFile, cacheTools });
