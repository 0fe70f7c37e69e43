#!/usr/bin/env node
import { createMachine } from "../src/adapters/node.ts";
import { start } from "../src/cli/main.ts";

await start(createMachine);
