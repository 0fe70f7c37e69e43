import type { Machine, Selector } from "../contract.ts";
import { fillRandom } from "../entropy.ts";
import { monotonicClock, realtimeClock } from "./clock.ts";
import { type Context, createContext } from "./context.ts";
import { EpollSelector } from "./epoll.ts";
import { createFiles } from "./files.ts";
import { KeptListeners } from "./kept-listeners.ts";
import type { Platform } from "./platform.ts";
import { PollSelector } from "./poll.ts";
import { openResolver, type Resolver } from "./resolver.ts";
import { createStdio } from "./stdio.ts";
import { adoptListener, createTcpSocket } from "./tcp.ts";
import { createUdpSocket } from "./udp.ts";

export interface MachineOptions {
  /** Forces a mechanism; by default the machine takes epoll where it has it. */
  readonly selector?: "epoll" | "poll";
  /** Forces a mechanism; by default names are looked up asynchronously where libc can. */
  readonly resolver?: "async" | "blocking";
}

/** The machine of the posix family: libc through a runtime's FFI, one thread that sleeps in the kernel. */
export function createPosixMachine(platform: Platform, options: MachineOptions = {}): Machine {
  const context = createContext(platform);
  const now = monotonicClock(context);
  return machineOf(context, now, createSelector(context, options.selector), options);
}

/** A machine around a way to wait. */
export function machineOf<S extends Selector>(
  context: Context,
  now: () => number,
  selector: S,
  options: MachineOptions = {},
): Machine & { readonly selector: S } {
  let resolver: Resolver | undefined;
  let kept: KeptListeners | undefined;
  return {
    buffer: context.incoming.bytes,
    now,
    wallClock: realtimeClock(context),
    selector,
    net: {
      createTcpSocket: (family) => kept?.createTcpSocket(family) ?? createTcpSocket(context, family),
      createUdpSocket: (family) => createUdpSocket(context, family),
      adoptListener: (fd) => adoptListener(context, fd),
      keepListeners(fds) {
        kept = new KeptListeners(context, fds);
      },
      lookup(name) {
        resolver ??= openResolver(context, options.resolver);
        return resolver.lookup(name);
      },
    },
    stdio: createStdio(context),
    files: createFiles(context),
    async loadHttp() {
      const [{ startHttpThread }, { openWakePipe }] = await Promise.all([
        import("../http/http-thread.ts"),
        import("./wake-pipe.ts"),
      ]);
      return () => startHttpThread(() => openWakePipe(context));
    },
    fillRandom,
  };
}

function createSelector(context: Context, forced: MachineOptions["selector"]): Selector {
  const { epoll } = context.sys;
  if (forced === "poll" || epoll === undefined) return new PollSelector(context.sys);
  return new EpollSelector(context, epoll);
}
