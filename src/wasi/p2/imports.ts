import type { HostImports } from "../../component/host.ts";
import { environment } from "../environment.ts";
import { exit } from "../exit.ts";
import type { WasiHost } from "../host.ts";
import { terminalInterfaces } from "../terminal.ts";
import { named, p2 } from "../versions.ts";
import { stderr, stdin, stdout } from "./cli/stdio.ts";
import { monotonicClock } from "./clocks/monotonic-clock.ts";
import { wallClock } from "./clocks/wall-clock.ts";
import { configStore } from "./config/store.ts";
import { ioError } from "./io/error.ts";
import { ioPoll } from "./io/poll.ts";
import { ioStreams } from "./io/streams.ts";
import { random } from "./random/random.ts";

/**
 * What every guest of the world `wasi:cli/command` has, and `wasi:config` when it is asked for: the linker lets them satisfy any
 * 0.2.x, and no other version.
 */
export function basicImports(host: WasiHost): HostImports {
  return {
    [p2("wasi:io/error")]: ioError(),
    [p2("wasi:io/poll")]: ioPoll(host),
    [p2("wasi:io/streams")]: ioStreams(host),
    [p2("wasi:clocks/monotonic-clock")]: monotonicClock(host),
    [p2("wasi:clocks/wall-clock")]: wallClock(host),
    ...named(p2, random(host)),
    [p2("wasi:cli/environment")]: environment(host, "initial-cwd"),
    [p2("wasi:cli/exit")]: exit(),
    [p2("wasi:cli/stdin")]: stdin(host),
    [p2("wasi:cli/stdout")]: stdout(host),
    [p2("wasi:cli/stderr")]: stderr(host),
    ...named(p2, terminalInterfaces(host)),
    ...(host.config === undefined ? {} : { [p2("wasi:config/store")]: configStore(host.config) }),
  };
}
