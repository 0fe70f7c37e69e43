import { environment } from "../environment.ts";
import { exit } from "../exit.ts";
import type { WasiHost } from "../host.ts";
import { madeOf } from "../interfaces.ts";
import { terminalInterfaces } from "../terminal.ts";
import { p3 } from "../versions.ts";
import { stderr, stdin, stdout } from "./cli/stdio.ts";
import { monotonicClock } from "./clocks/monotonic-clock.ts";
import { systemClock } from "./clocks/system-clock.ts";
import { random } from "./random/random.ts";

/**
 * The interfaces of the world `wasi:cli/command` 0.3, which every guest gets. The linker lets them satisfy imports of
 * any 0.3.x, and of no other version.
 */
export const basicImports = madeOf<WasiHost>(p3, {
  "wasi:clocks/monotonic-clock": monotonicClock,
  "wasi:clocks/system-clock": systemClock,
  ...random,
  "wasi:cli/environment": (host) => environment(host, "get-initial-cwd"),
  "wasi:cli/exit": exit,
  "wasi:cli/stdin": stdin,
  "wasi:cli/stdout": stdout,
  "wasi:cli/stderr": stderr,
  ...terminalInterfaces(),
});
