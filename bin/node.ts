#!/usr/bin/env node
import process from "node:process";
import { createMachine } from "../src/adapters/node.ts";
import { start } from "../src/cli/main.ts";

// node:ffi announces itself as experimental; stderr is the guest's.
process.removeAllListeners("warning");
await start(createMachine);
