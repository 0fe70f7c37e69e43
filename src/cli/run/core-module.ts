/** A run of a core module. Loaded only for one. */
import type { ConsolaInstance } from "consola/core";
import type { TcpHandle } from "../../machine/sockets.ts";
import { type ModuleOptions, runModule } from "../../run/module.ts";
import type { GuestOptions } from "../../run/options.ts";
import { hasWasi, refusesProposals } from "../options/guest-options.ts";
import type { Settings } from "../options/settings.ts";
import { Failure } from "../output/failure.ts";
import { hostEnvironment } from "./host-strings.ts";
import { invocation } from "./invoke.ts";
import { adoptListeners, inheritedFds, localAddress, openListener } from "./listeners.ts";
import type { Chosen } from "./machine.ts";
import { isCoreModule, readModule } from "./module-file.ts";

/** What a guest is told of the sockets that it was handed, besides their number. */
const passedOn = ["LISTEN_FDS", "LISTEN_FDNAMES"] as const;

/** @returns The exit status. @throws as `runModule`; Failure when a socket cannot be opened */
export async function runCoreModule(
  chosen: Chosen,
  bytes: Uint8Array<ArrayBuffer>,
  given: Settings,
  options: GuestOptions,
  log: ConsolaInstance | undefined,
): Promise<number> {
  const { machine } = chosen;
  const { wasi, invoke, preloads } = given;
  const refuse = refusesProposals(given) ? (await import("./refuse-proposals.ts")).refuseModule : undefined;
  const inherited = wasi.listenfd === true ? inheritedFds() : [];
  const all: ModuleOptions = {
    ...options,
    wasi: hasWasi(given),
    env: inherited.length > 0 ? [...options.env, ...listenEnvironment(options.env)] : options.env,
    listeners() {
      const activated = adoptListeners(machine, inherited);
      const opened = (wasi.tcplisten ?? []).map((address) => openListener(machine, address));
      const listeners: TcpHandle[] = [...activated, ...opened];
      listeners.forEach((handle, i) => {
        log?.info(`listening on ${localAddress(handle)}: the guest's descriptor ${3 + i}`);
      });
      return listeners;
    },
    unstable: wasi.preview0 ?? true,
    preloads: preloads.map(({ name, path }) => ({ name, path, read: () => readPreload(path, given, refuse) })),
    invoke: invocation(invoke, options.args.slice(1)),
  };
  if (chosen.wait === "blocking") return runModule(chosen.machine, bytes, all);
  const { runModuleSuspended } = await import("../../run/module-suspended.ts");
  return runModuleSuspended(chosen.machine, bytes, all);
}

/** @throws Failure */
function readPreload(
  path: string,
  given: Settings,
  refuse: ((given: Settings, module: Uint8Array<ArrayBuffer>) => void) | undefined,
): Uint8Array<ArrayBuffer> {
  const bytes = readModule(path);
  if (!isCoreModule(bytes)) throw new Failure("components cannot be loaded with `--preload`");
  refuse?.(given, bytes);
  return bytes;
}

function listenEnvironment(given: GuestOptions["env"]): [string, string][] {
  const names = new Set(given.map(([name]) => name));
  return passedOn.flatMap((name): [string, string][] => {
    const value = hostEnvironment.get(name);
    return value === undefined || names.has(name) ? [] : [[name, value]];
  });
}
