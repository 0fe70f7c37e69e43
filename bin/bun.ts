#!/usr/bin/env bun
import { machines } from "../src/adapters/bun.ts";
import { start } from "../src/cli/main.ts";

await start(machines, { name: "bun-watchdog", from: import.meta.url });
