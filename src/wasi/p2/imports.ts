import { environment } from "../environment.ts";
import { exit } from "../exit.ts";
import type { WasiHost } from "../host.ts";
import { madeOf } from "../interfaces.ts";
import { terminalInterfaces } from "../terminal.ts";
import { p2 } from "../versions.ts";
import { stderr, stdin, stdout } from "./cli/stdio.ts";
import { monotonicClock } from "./clocks/monotonic-clock.ts";
import { wallClock } from "./clocks/wall-clock.ts";
import { configStore } from "./config/store.ts";
import { ioError } from "./io/error.ts";
import { ioPoll } from "./io/poll.ts";
import { ioStreams } from "./io/streams.ts";
import { random } from "./random/random.ts";

/**
 * The interfaces of the world `wasi:cli/command` that every guest gets, and `wasi:config` if it is granted. The linker
 * lets them satisfy imports of any 0.2.x, and of no other version.
 */
export const basicImports = madeOf<WasiHost>(p2, {
  "wasi:io/error": ioError,
  "wasi:io/poll": ioPoll,
  "wasi:io/streams": ioStreams,
  "wasi:clocks/monotonic-clock": monotonicClock,
  "wasi:clocks/wall-clock": wallClock,
  ...random,
  "wasi:cli/environment": (host) => environment(host, "initial-cwd"),
  "wasi:cli/exit": exit,
  "wasi:cli/stdin": stdin,
  "wasi:cli/stdout": stdout,
  "wasi:cli/stderr": stderr,
  ...terminalInterfaces(),
  "wasi:config/store": ({ config }) => config && configStore(config),
});
