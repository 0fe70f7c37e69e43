import process from "node:process";
import { openFfi } from "../src/adapters/node.ts";
import { findOs } from "../src/adapters/posix/platform.ts";
import { watch } from "../src/adapters/posix/watchdog.ts";
import { lastWords } from "../src/cli/last-words.ts";

watch(openFfi(), findOs(process.platform, process.arch), lastWords);
