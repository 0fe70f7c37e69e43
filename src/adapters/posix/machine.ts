import type { Machine, Selector } from "../contract.ts";
import { fillRandom } from "../entropy.ts";
import { allParts, type Parts } from "../machines.ts";
import { unsupportedFiles, unsupportedNet } from "../unsupported.ts";
import { monotonicClock, realtimeClock } from "./clock.ts";
import { type Context, createContext } from "./context.ts";
import { EpollSelector } from "./epoll.ts";
import type { Platform } from "./platform.ts";
import { createStdio } from "./stdio.ts";

export interface MachineOptions {
  /** Forces a mechanism; by default the machine takes epoll where it has it. */
  readonly selector?: "epoll" | "poll";
  /** Forces a mechanism; by default names are looked up asynchronously where libc can. */
  readonly resolver?: "async" | "blocking";
  /** All of them unless given. */
  readonly parts?: Parts;
}

/** The machine of the posix family: libc through a runtime's FFI, one thread that sleeps in the kernel. */
export async function createPosixMachine(platform: Platform, options: MachineOptions = {}): Promise<Machine> {
  const context = createContext(platform);
  const now = monotonicClock(context);
  return machineOf(context, now, await createSelector(context, options.selector), options);
}

/** A machine around a way to wait. */
export async function machineOf<S extends Selector>(
  context: Context,
  now: () => number,
  selector: S,
  options: MachineOptions = {},
): Promise<Machine & { readonly selector: S }> {
  const { parts = allParts } = options;
  return {
    buffer: context.incoming.bytes,
    now,
    wallClock: realtimeClock(context),
    selector,
    net: parts.net ? await (await import("./net.ts")).createNet(context, selector, options.resolver) : unsupportedNet,
    stdio: createStdio(context),
    files: parts.files ? await (await import("./files.ts")).createFiles(context) : unsupportedFiles,
    async loadHttp() {
      const [{ startHttpThread }, { openWakePipe }] = await Promise.all([
        import("../http/http-thread.ts"),
        import("./wake-pipe.ts"),
      ]);
      return () => startHttpThread(() => openWakePipe(context));
    },
    fillRandom,
    endWithParent: context.sys.endWithParent,
  };
}

async function createSelector(context: Context, forced: MachineOptions["selector"]): Promise<Selector> {
  const { epoll } = context.sys;
  if (forced !== "poll" && epoll !== undefined) return new EpollSelector(context, epoll);
  const { PollSelector } = await import("./poll.ts");
  return new PollSelector(context);
}
