import type { HostImports } from "../component/host.ts";
import { environment } from "./cli/environment.ts";
import { exit } from "./cli/exit.ts";
import { stderr, stdin, stdout } from "./cli/stdio.ts";
import { terminalInput, terminalOutput, terminalStderr, terminalStdin, terminalStdout } from "./cli/terminal.ts";
import { monotonicClock } from "./clocks/monotonic-clock.ts";
import { wallClock } from "./clocks/wall-clock.ts";
import { configStore } from "./config/store.ts";
import type { WasiHost } from "./host.ts";
import { ioError } from "./io/error.ts";
import { ioPoll } from "./io/poll.ts";
import { ioStreams } from "./io/streams.ts";
import { insecure, insecureSeed, random } from "./random/random.ts";

/**
 * What every guest of the world `wasi:cli/command` has, and `wasi:config` when it is asked for: the linker lets them satisfy any
 * 0.2.x, and no other version.
 */
export function basicImports(host: WasiHost): HostImports {
  return {
    "wasi:io/error@0.2.12": ioError(),
    "wasi:io/poll@0.2.12": ioPoll(host),
    "wasi:io/streams@0.2.12": ioStreams(host),
    "wasi:clocks/monotonic-clock@0.2.12": monotonicClock(host),
    "wasi:clocks/wall-clock@0.2.12": wallClock(host),
    "wasi:random/random@0.2.12": random(host),
    "wasi:random/insecure@0.2.12": insecure(host),
    "wasi:random/insecure-seed@0.2.12": insecureSeed(host),
    "wasi:cli/environment@0.2.12": environment(host),
    "wasi:cli/exit@0.2.12": exit(),
    "wasi:cli/stdin@0.2.12": stdin(host),
    "wasi:cli/stdout@0.2.12": stdout(host),
    "wasi:cli/stderr@0.2.12": stderr(host),
    "wasi:cli/terminal-input@0.2.12": terminalInput(),
    "wasi:cli/terminal-output@0.2.12": terminalOutput(),
    "wasi:cli/terminal-stdin@0.2.12": terminalStdin(host),
    "wasi:cli/terminal-stdout@0.2.12": terminalStdout(host),
    "wasi:cli/terminal-stderr@0.2.12": terminalStderr(host),
    ...(host.config === undefined ? {} : { "wasi:config/store@0.2.0-rc.1": configStore(host.config) }),
  };
}
