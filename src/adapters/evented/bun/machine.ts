import { writeSync } from "node:fs";
import { availableParallelism } from "node:os";
import { isatty } from "node:tty";
import type { SuspendingMachine } from "../../../machine/machine.ts";
import { createEventedMachine } from "../machine.ts";
import { processStdin } from "../process-stdin.ts";
import { bind, connect } from "./tcp.ts";
import { openDatagrams } from "./udp.ts";

/** Makes a machine over Bun.listen, Bun.connect and Bun.udpSocket. */
export function eventedMachine(): SuspendingMachine {
  return createEventedMachine({
    lookups: Math.max(2, availableParallelism()),
    bind,
    connect,
    bindsBeforeConnect: false,
    setsKeepAliveIdle: true,
    setsUdpBuffers: false,
    openDatagrams,
    stdin: processStdin(),
    writeSync: (fd, bytes) => writeSync(fd, bytes),
    isTerminal: isatty,
  });
}
