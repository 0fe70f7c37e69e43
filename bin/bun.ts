#!/usr/bin/env bun
import { createMachine } from "../src/adapters/bun.ts";
import { start } from "../src/cli/main.ts";

await start(() => createMachine(), { name: "bun-watchdog", from: import.meta.url });
