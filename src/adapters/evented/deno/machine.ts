import type { SuspendingMachine } from "../../../machine/machine.ts";
import { granted } from "../../process/granted.ts";
import { createEventedMachine } from "../machine.ts";
import { openDatagrams } from "../node/udp.ts";
import { denoStdin } from "./stdin.ts";
import { bind, connect } from "./tcp.ts";

/** Makes a machine over Deno.listen, Deno.connect and node:dgram (Deno.listenDatagram needs --unstable-net). */
export function eventedMachine(): SuspendingMachine {
  return createEventedMachine({
    lookups: 32,
    lacks: granted({ name: "net" })
      ? undefined
      : "Deno may use neither libc nor all of the network: run it with --allow-ffi or --allow-net",
    bind,
    connect,
    bindsBeforeConnect: false,
    setsKeepAliveIdle: false,
    setsUdpBuffers: true,
    openDatagrams: (...socket) => openDatagrams(false, ...socket),
    stdin: denoStdin(),
    writeSync: (fd, bytes) => (fd === 1 ? Deno.stdout : Deno.stderr).writeSync(bytes),
    isTerminal: (fd) => [Deno.stdin, Deno.stdout, Deno.stderr][fd]!.isTerminal(),
  });
}
