import type { SuspendingMachine } from "../contract.ts";
import { bind, connect } from "./deno-tcp.ts";
import { createEventedMachine } from "./machine.ts";
import { openDatagrams } from "./node-udp.ts";
import { flush } from "./under-way.ts";

const STDIN_PIECE = 16384;

/** A machine on Deno.listen and Deno.connect, and on node:dgram, for Deno.listenDatagram is behind --unstable-net. */
export function eventedMachine(): SuspendingMachine {
  const buffer = new Uint8Array(STDIN_PIECE);
  const net = Deno.permissions.querySync({ name: "net" }).state;
  return createEventedMachine({
    lacks:
      net === "granted"
        ? undefined
        : "Deno may use neither libc nor all of the network: run it with --allow-ffi or --allow-net",
    bind,
    connect,
    bindsBeforeConnect: false,
    setsKeepAliveIdle: false,
    setsUdpBuffers: true,
    openDatagrams: (...socket) => openDatagrams(false, ...socket),
    async readStdin() {
      const count = await Deno.stdin.read(buffer);
      return count === null ? undefined : buffer.slice(0, count);
    },
    closeStdin: () => {},
    flush,
    writeSync: (fd, bytes) => (fd === 1 ? Deno.stdout : Deno.stderr).writeSync(bytes),
    isTerminal: (fd) => [Deno.stdin, Deno.stdout, Deno.stderr][fd]!.isTerminal(),
  });
}
