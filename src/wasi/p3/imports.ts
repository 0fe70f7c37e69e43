import type { HostImports } from "../../component/host.ts";
import { environment } from "../environment.ts";
import { exit } from "../exit.ts";
import type { WasiHost } from "../host.ts";
import { terminalInterfaces } from "../terminal.ts";
import { named, p3 } from "../versions.ts";
import { stderr, stdin, stdout } from "./cli/stdio.ts";
import { monotonicClock } from "./clocks/monotonic-clock.ts";
import { systemClock } from "./clocks/system-clock.ts";
import { random } from "./random/random.ts";

/** The imports of every guest of the world `wasi:cli/command` 0.3: the linker lets them satisfy any 0.3.x, and no other version. */
export function basicImports(host: WasiHost): HostImports {
  return {
    [p3("wasi:clocks/monotonic-clock")]: monotonicClock(host),
    [p3("wasi:clocks/system-clock")]: systemClock(host),
    ...named(p3, random(host)),
    [p3("wasi:cli/environment")]: environment(host, "get-initial-cwd"),
    [p3("wasi:cli/exit")]: exit(),
    [p3("wasi:cli/stdin")]: stdin(host),
    [p3("wasi:cli/stdout")]: stdout(host),
    [p3("wasi:cli/stderr")]: stderr(host),
    ...named(p3, terminalInterfaces(host)),
  };
}
