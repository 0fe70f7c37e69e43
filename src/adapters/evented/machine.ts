import { fillRandom } from "../../machine/entropy.ts";
import type { SuspendingMachine } from "../../machine/machine.ts";
import { unsupportedFiles } from "../../machine/unsupported.ts";
import { languageClock } from "../../machine/wall-clock.ts";
import { cpuTime } from "../process/cpu-time.ts";
import { LookupQueue, LookupThreads } from "../process/lookup-queue.ts";
import type { Context } from "./context.ts";
import { Leaving } from "./leaving.ts";
import { EventedLookup } from "./lookup.ts";
import type { EventedRuntime } from "./runtime.ts";
import { EventedSelector } from "./selector.ts";
import { createStdio } from "./stdio.ts";
import { EventedTcpSocket } from "./tcp.ts";
import { EventedUdpSocket } from "./udp.ts";

/** The runtime's, for all machines of the program. */
let threads: LookupThreads | undefined;

/** The machine of the evented family: a runtime's own sockets, beside its event loop. One for each guest. */
export function createEventedMachine(runtime: EventedRuntime): SuspendingMachine {
  const sockets = new Set<{ close(): void }>();
  const selector = new EventedSelector(() => {
    for (const socket of sockets) socket.close();
    leaving.reset();
    runtime.stdin.close();
  });
  const leaving = new Leaving(selector);
  threads ??= new LookupThreads(runtime.lookups);
  const lookups = new LookupQueue<EventedLookup>(threads);
  const cx: Context = { runtime, selector, sockets, leaving, buffer: new Uint8Array(65536) };
  return {
    buffer: cx.buffer,
    now: () => Math.floor(performance.now() * 1e6),
    wallClock: languageClock,
    selector,
    net: {
      createTcpSocket: (family) => new EventedTcpSocket(cx, family, selector.open()),
      createUdpSocket: (family) => new EventedUdpSocket(cx, family),
      adoptListener: () => "not-supported",
      lookup: (name) => new EventedLookup(selector, lookups, name),
    },
    async loadTls() {
      const { openEventedTls } = await import("./tls.ts");
      return () => openEventedTls(cx);
    },
    stdio: createStdio(cx),
    files: unsupportedFiles,
    lacks: runtime.lacks,
    fillRandom,
    cpuTime,
    sent: leaving.source,
  };
}
