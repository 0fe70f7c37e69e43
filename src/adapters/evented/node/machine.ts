import { writeSync } from "node:fs";
import process from "node:process";
import { isatty } from "node:tty";
import type { SuspendingMachine } from "../../../machine/machine.ts";
import { createEventedMachine } from "../machine.ts";
import { processStdin } from "../process-stdin.ts";
import { bind, connect } from "./tcp.ts";
import { openDatagrams } from "./udp.ts";

/** Half of libuv's threads: the others are left to files. */
const lookups = Math.ceil(Number(process.env.UV_THREADPOOL_SIZE ?? 4) / 2);

/** Makes a machine over node:net, node:dgram and node:dns. */
export function eventedMachine(): SuspendingMachine {
  return createEventedMachine({
    lookups,
    bind,
    connect,
    bindsBeforeConnect: true,
    setsKeepAliveIdle: true,
    setsUdpBuffers: true,
    openDatagrams: (...socket) => openDatagrams(true, ...socket),
    stdin: processStdin(),
    writeSync: (fd, bytes) => writeSync(fd, bytes),
    isTerminal: isatty,
  });
}
