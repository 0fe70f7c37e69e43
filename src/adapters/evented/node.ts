import { writeSync } from "node:fs";
import process from "node:process";
import { isatty } from "node:tty";
import type { SuspendingMachine } from "../contract.ts";
import { createEventedMachine } from "./machine.ts";
import { bind, connect } from "./node-tcp.ts";
import { openDatagrams } from "./node-udp.ts";

/** A machine on node:net, node:dgram and node:dns. */
export function eventedMachine(): SuspendingMachine {
  /** Only when a guest wants it: looking at process.stdin opens it. */
  let stdin: typeof process.stdin | undefined;
  return createEventedMachine({
    bind,
    connect,
    bindsBeforeConnect: true,
    setsKeepAliveIdle: true,
    setsUdpBuffers: true,
    openDatagrams: (...socket) => openDatagrams(true, ...socket),
    readStdin() {
      stdin ??= process.stdin;
      return read(stdin);
    },
    closeStdin: () => void stdin?.destroy(),
    writeSync: (fd, bytes) => writeSync(fd, bytes),
    isTerminal: isatty,
  });
}

/** The next piece; paused between them. */
function read(stdin: typeof process.stdin): Promise<Uint8Array | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array | undefined>();
  const settle = () => {
    const piece: Uint8Array | null = stdin.read();
    if (piece === null && !stdin.readableEnded) return;
    for (const name of ["readable", "end"]) stdin.off(name, settle);
    stdin.off("error", reject);
    resolve(piece ?? undefined);
  };
  stdin.on("readable", settle).on("end", settle).on("error", reject);
  settle();
  return promise;
}
