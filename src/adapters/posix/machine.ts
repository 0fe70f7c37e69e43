import { fillRandom } from "../../machine/entropy.ts";
import type { Machine } from "../../machine/machine.ts";
import { allNeeds, type MachineNeeds } from "../../machine/machines.ts";
import type { Selector } from "../../machine/selector.ts";
import { unsupportedFiles, unsupportedNet } from "../../machine/unsupported.ts";
import { createStdio } from "./files/stdio.ts";
import { monotonicClock, processClock, realtimeClock } from "./libc/clock.ts";
import { createContext, type PosixContext } from "./libc/context.ts";
import type { Platform } from "./libc/platform.ts";
import { EpollSelector } from "./wait/epoll.ts";

export interface MachineOptions {
  /** Forces a mechanism; default: epoll if the OS has it. */
  readonly selector?: "epoll" | "poll";
  /** Forces a mechanism; default: asynchronous look-ups if libc has them. */
  readonly resolver?: "async" | "blocking";
  /** The parts to load; default: all. */
  readonly needs?: MachineNeeds;
}

/** Makes a machine of the posix family: libc through a runtime's FFI, one thread that sleeps in the kernel. */
export async function createPosixMachine(platform: Platform, options: MachineOptions = {}): Promise<Machine> {
  const context = createContext(platform);
  const now = monotonicClock(context);
  return machineOf(context, now, await createSelector(context, options.selector), options);
}

/** Makes a machine around a selector. */
export async function machineOf<S extends Selector>(
  context: PosixContext,
  now: () => number,
  selector: S,
  options: MachineOptions = {},
): Promise<Machine & { readonly selector: S }> {
  const { needs = allNeeds } = options;
  try {
    return {
      buffer: context.incoming.bytes,
      now,
      wallClock: realtimeClock(context),
      selector,
      net: needs.net ? await (await import("./net.ts")).createNet(context, selector, options.resolver) : unsupportedNet,
      stdio: createStdio(context),
      files: needs.files ? await (await import("./files/files.ts")).createFiles(context, selector) : unsupportedFiles,
      async loadTls() {
        const [{ openTlsThread }, { openWakePipe }] = await Promise.all([
          import("../tls/thread.ts"),
          import("./wait/wake-pipe.ts"),
        ]);
        const { descriptors } = context;
        return () => openTlsThread(() => (descriptors.forThread ? openWakePipe(context) : "new-socket-limit"));
      },
      fillRandom,
      endWithParent: context.sys.endWithParent,
      handleOnce: context.sys.handleOnce,
      cpuTime: processClock(context),
    };
  } catch (error) {
    // Possibly a module could not be loaded for want of descriptors.
    selector.close();
    throw error;
  }
}

async function createSelector(context: PosixContext, forced: MachineOptions["selector"]): Promise<Selector> {
  const { epoll } = context.sys;
  if (forced !== "poll" && epoll !== undefined) return new EpollSelector(context, epoll);
  const { PollSelector } = await import("./wait/poll.ts");
  return new PollSelector(context);
}
