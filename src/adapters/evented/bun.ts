import { writeSync } from "node:fs";
import { isatty } from "node:tty";
import type { SuspendingMachine } from "../contract.ts";
import { bind, connect } from "./bun-tcp.ts";
import { openDatagrams } from "./bun-udp.ts";
import { createEventedMachine } from "./machine.ts";

/** A machine on Bun.listen, Bun.connect and Bun.udpSocket. */
export function eventedMachine(): SuspendingMachine {
  let stdin: ReadableStreamDefaultReader<Uint8Array> | undefined;
  return createEventedMachine({
    bind,
    connect,
    bindsBeforeConnect: false,
    setsKeepAliveIdle: true,
    setsUdpBuffers: false,
    openDatagrams,
    async readStdin() {
      stdin ??= Bun.stdin.stream().getReader();
      const { value } = await stdin.read();
      return value;
    },
    closeStdin: () => void stdin?.cancel(),
    writeSync: (fd, bytes) => writeSync(fd, bytes),
    isTerminal: isatty,
  });
}
