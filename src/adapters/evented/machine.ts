import { fillRandom } from "../../machine/entropy.ts";
import type { SuspendingMachine } from "../../machine/machine.ts";
import { unsupportedFiles } from "../../machine/unsupported.ts";
import { languageClock } from "../../machine/wall-clock.ts";
import { cpuTime } from "../process/cpu-time.ts";
import { LookupQueue, LookupThreads } from "../process/lookup-queue.ts";
import type { EventedContext } from "./context.ts";
import { EventedLookup } from "./lookup.ts";
import { PendingSends } from "./pending-sends.ts";
import type { EventedRuntime } from "./runtime.ts";
import { EventedSelector } from "./selector.ts";
import { createStdio } from "./stdio.ts";
import { EventedTcpSocket } from "./tcp.ts";
import { EventedUdpSocket } from "./udp.ts";

/** The runtime's threads for look-ups, shared by all machines of the program. */
let threads: LookupThreads | undefined;

/** Makes a machine of the evented family, for one guest: the runtime's own sockets, on its event loop. */
export function createEventedMachine(runtime: EventedRuntime): SuspendingMachine {
  const sockets = new Set<{ close(): void }>();
  const selector = new EventedSelector(() => {
    for (const socket of sockets) socket.close();
    pendingSends.reset();
    runtime.stdin.close();
  });
  const pendingSends = new PendingSends(selector);
  threads ??= new LookupThreads(runtime.lookups);
  const lookups = new LookupQueue<EventedLookup>(threads);
  const cx: EventedContext = { runtime, selector, sockets, pendingSends, buffer: new Uint8Array(65536) };
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
    sent: pendingSends.source,
  };
}
