#!/usr/bin/env -S deno run -A
import { createMachine } from "../src/adapters/deno.ts";
import { start } from "../src/cli/main.ts";

await start(() => createMachine());
