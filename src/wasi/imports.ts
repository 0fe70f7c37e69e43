import type { HostImports } from "../component/host.ts";
import { environment } from "./cli/environment.ts";
import { exit } from "./cli/exit.ts";
import { stderr, stdin, stdout } from "./cli/stdio.ts";
import { terminalInput, terminalOutput, terminalStderr, terminalStdin, terminalStdout } from "./cli/terminal.ts";
import { monotonicClock } from "./clocks/monotonic-clock.ts";
import { wallClock } from "./clocks/wall-clock.ts";
import { configStore } from "./config/store.ts";
import { preopens } from "./filesystem/preopens.ts";
import { filesystemTypes } from "./filesystem/types.ts";
import type { WasiHost } from "./host.ts";
import { ioError } from "./io/error.ts";
import { ioPoll } from "./io/poll.ts";
import { ioStreams } from "./io/streams.ts";
import { insecure, insecureSeed, random } from "./random/random.ts";
import { ipNameLookup } from "./sockets/ip-name-lookup.ts";
import { instanceNetwork, network } from "./sockets/network.ts";
import { tcp, tcpCreateSocket } from "./sockets/tcp.ts";
import { udp, udpCreateSocket } from "./sockets/udp.ts";

/** The imports of the world `wasi:cli/command`, and `wasi:config` when it is asked for: the linker lets them satisfy any 0.2.x, and no other version. */
export function wasiImports(host: WasiHost): HostImports {
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
    "wasi:filesystem/preopens@0.2.12": preopens(host),
    "wasi:filesystem/types@0.2.12": filesystemTypes(host),
    "wasi:sockets/network@0.2.12": network(host),
    "wasi:sockets/instance-network@0.2.12": instanceNetwork(),
    "wasi:sockets/tcp@0.2.12": tcp(),
    "wasi:sockets/tcp-create-socket@0.2.12": tcpCreateSocket(host),
    "wasi:sockets/udp@0.2.12": udp(),
    "wasi:sockets/udp-create-socket@0.2.12": udpCreateSocket(host),
    "wasi:sockets/ip-name-lookup@0.2.12": ipNameLookup(host),
    ...(host.config === undefined ? {} : { "wasi:config/store@0.2.0-rc.1": configStore(host.config) }),
  };
}
