import process from "node:process";
import { ffi } from "../src/adapters/bun.ts";
import { findOs } from "../src/adapters/posix/libc/platform.ts";
import { watch } from "../src/adapters/posix/libc/watchdog.ts";
import { lastWords } from "../src/cli/stats/last-words.ts";

watch(ffi, findOs(process.platform, process.arch), lastWords);
