import type { HostImports } from "../component/host.ts";
import { environment } from "./cli/environment.ts";
import { exit } from "./cli/exit.ts";
import { stderr, stdin, stdout } from "./cli/stdio.ts";
import { terminalInput, terminalOutput, terminalStderr, terminalStdin, terminalStdout } from "./cli/terminal.ts";
import { monotonicClock } from "./clocks/monotonic-clock.ts";
import { wallClock } from "./clocks/wall-clock.ts";
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

/** The imports of the world `wasi:cli/command`, for any 0.2.x. */
export function wasiImports(host: WasiHost): HostImports {
  return {
    "wasi:io/error": ioError(),
    "wasi:io/poll": ioPoll(host),
    "wasi:io/streams": ioStreams(host),
    "wasi:clocks/monotonic-clock": monotonicClock(host),
    "wasi:clocks/wall-clock": wallClock(),
    "wasi:random/random": random(host),
    "wasi:random/insecure": insecure(host),
    "wasi:random/insecure-seed": insecureSeed(host),
    "wasi:cli/environment": environment(host),
    "wasi:cli/exit": exit(),
    "wasi:cli/stdin": stdin(host),
    "wasi:cli/stdout": stdout(host),
    "wasi:cli/stderr": stderr(host),
    "wasi:cli/terminal-input": terminalInput(),
    "wasi:cli/terminal-output": terminalOutput(),
    "wasi:cli/terminal-stdin": terminalStdin(host),
    "wasi:cli/terminal-stdout": terminalStdout(host),
    "wasi:cli/terminal-stderr": terminalStderr(host),
    "wasi:filesystem/preopens": preopens(host),
    "wasi:filesystem/types": filesystemTypes(host),
    "wasi:sockets/network": network(host),
    "wasi:sockets/instance-network": instanceNetwork(),
    "wasi:sockets/tcp": tcp(),
    "wasi:sockets/tcp-create-socket": tcpCreateSocket(host),
    "wasi:sockets/udp": udp(),
    "wasi:sockets/udp-create-socket": udpCreateSocket(host),
    "wasi:sockets/ip-name-lookup": ipNameLookup(host),
  };
}
