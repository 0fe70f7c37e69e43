import { ffi } from "../src/adapters/deno.ts";
import { findOs } from "../src/adapters/posix/platform.ts";
import { watch } from "../src/adapters/posix/watchdog.ts";
import { lastWords } from "../src/cli/last-words.ts";

watch(ffi, findOs(Deno.build.os, Deno.build.arch === "x86_64" ? "x64" : "arm64"), lastWords);
