import { ffi } from "../src/adapters/deno.ts";
import { findOs } from "../src/adapters/posix/platform.ts";
import { watch } from "../src/adapters/posix/watchdog.ts";

watch(ffi, findOs(Deno.build.os, Deno.build.arch === "x86_64" ? "x64" : "arm64"));
