import { ffi } from "../src/adapters/deno.ts";
import { findOs } from "../src/adapters/posix/libc/platform.ts";
import { watch } from "../src/adapters/posix/libc/watchdog.ts";
import { lastWords } from "../src/cli/stats/last-words.ts";

watch(ffi, findOs(Deno.build.os, Deno.build.arch === "x86_64" ? "x64" : "arm64"), lastWords);
