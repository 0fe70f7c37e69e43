import process from "node:process";
import { openFfi } from "../src/adapters/node.ts";
import { findOs } from "../src/adapters/posix/libc/platform.ts";
import { watch } from "../src/adapters/posix/libc/watchdog.ts";
import { lastWords } from "../src/cli/stats/last-words.ts";

watch(openFfi(), findOs(process.platform, process.arch), lastWords);
