/** A run of a component: what it needs is loaded, and no more. */

import process from "node:process";
import type { ConsolaInstance } from "consola/core";
import type { ComponentFile } from "../../component/binary/component.ts";
import { type CompiledComponent, coreModules, moduleBytes } from "../../component/link/compiled.ts";
import { loadAsyncSupport } from "../../component/link/load-async-support.ts";
import type { ComponentType } from "../../component/types/types.ts";
import type { Machine } from "../../machine/machine.ts";
import type { MachineNeeds } from "../../machine/machines.ts";
import { compileForRun, type RunOptions, runComponent, runSwitched } from "../../run/component.ts";
import type { GuestOptions } from "../../run/options.ts";
import { requireJspi } from "../../run/require-jspi.ts";
import type { Mistyped } from "../../wasi/component/mistyped.ts";
import { loadPackages, loadPolicy } from "../../wasi/component/packages.ts";
import type { MakeImports } from "../../wasi/host.ts";
import { importsPackage } from "../../wasi/imports-package.ts";
import { checkConcurrency } from "../options/combinations.ts";
import { hasP3, hasWasi } from "../options/guest-options.ts";
import type { Settings } from "../options/settings.ts";
import type { Environment } from "../output/environment.ts";
import { Failure } from "../output/failure.ts";
import { type CacheTools, ComponentCache, cacheFolder, type Found, type Kept } from "./component-cache.ts";
import { allowedFeatures } from "./features.ts";
import type { Chosen } from "./machine.ts";

export interface ReadComponent extends Kept {
  readonly mistyped: Mistyped | undefined;
}

/**
 * From the cache, if it is there and may be: what is kept there was found to be well typed.
 *
 * @throws ParseError
 */
export async function readComponent(
  file: string,
  bytes: Uint8Array<ArrayBuffer>,
  given: Settings,
  tools: CacheTools | undefined,
  environment: Environment,
  log: ConsolaInstance | undefined,
): Promise<ReadComponent> {
  const uncached = given.codegen.cache === false || file === "-";
  const cache = uncached ? undefined : cacheOf(file, bytes, tools, environment);
  const found: Found = typeof cache === "object" ? await cache.find() : { trouble: cache };
  const { kept } = found;
  const whence = kept === undefined ? "not in" : "from";
  log?.debug(`${file}: ${whence} the cache${found.trouble === undefined ? "" : `: ${found.trouble}`}`);
  const allowed = allowedFeatures(given);
  // One that uses more is read anew, which says what.
  if (kept !== undefined && [...kept.component.uses].every((feature) => allowed.has(feature)))
    return { ...kept, mistyped: undefined };
  const { parseComponent } = await import("../../component/binary/parse.ts");
  const component = parseComponent(bytes, allowed);
  const { usesCollectedHeap } = await import("../../wasm/limits/heap-use.ts");
  const collects = [...coreModules(component)].some((module) => usesCollectedHeap(moduleBytes(component, module)));
  const wrong = (await import("../../wasi/component/mistyped.ts")).mistyped(component.type);
  if (wrong === undefined && typeof cache === "object") {
    // Before the guest runs, for a server ends by a signal.
    const trouble = await cache.keep({ component, collects });
    if (trouble !== undefined) log?.debug(`${file}: not kept: ${trouble}`);
  }
  return { component, collects, mistyped: wrong };
}

/** A sentence: nothing can be kept of the file, for that reason. */
function cacheOf(
  file: string,
  bytes: Uint8Array<ArrayBuffer>,
  tools: CacheTools | undefined,
  environment: Environment,
): ComponentCache | string | undefined {
  if (tools === undefined) return undefined;
  const folder = cacheFolder(environment);
  if (folder === undefined) return "neither XDG_CACHE_HOME nor HOME is an absolute path";
  return new ComponentCache(tools, folder, file.startsWith("/") ? file : `${process.cwd()}/${file}`, bytes);
}

/** What the component needs of its machine. */
export function needsOf({ type }: ComponentFile, { dirs, wasi }: Settings): MachineNeeds {
  const sockets = importsPackage(type, "wasi:sockets");
  return { net: sockets || wasi.http === true || wasi.tcplisten !== undefined, files: dirs.length > 0 };
}

/** @throws as `runComponent`, `loadHttp` and `componentCall`; Failure for what components cannot be given */
export async function runOnMachine(
  chosen: Chosen,
  read: ReadComponent,
  file: string,
  given: Settings,
  options: GuestOptions,
): Promise<number> {
  checkConcurrency(given);
  await refuseModuleOptions(chosen.machine, given);
  const wasi = hasWasi(given) ? await loadPackages(read.component.type, hasP3(given)) : [];
  const all: RunOptions = {
    ...(await componentOptions(chosen.machine, read, wasi, given, options)),
    ...(given.invoke === undefined
      ? {}
      : { call: (await import("./invoke-component.ts")).componentCall(given.invoke, file) }),
  };
  const compiled = await compileFor(chosen, read, options);
  if (chosen.wait === "blocking") {
    if (compiled.suspending === undefined) return runComponent(chosen.machine, compiled, all);
    return runSwitched(chosen.machine, compiled, all);
  }
  const { runSuspended } = await import("../../run/component-suspended.ts");
  return runSuspended(chosen.machine, compiled, all);
}

/** @param wasi What it is given of WASI; `wasi:http` apart */
export async function componentOptions(
  machine: Machine,
  { component, mistyped }: ReadComponent,
  wasi: readonly MakeImports[],
  given: Settings,
  options: GuestOptions,
): Promise<Omit<RunOptions, "call">> {
  const http = given.wasi.http === true;
  return {
    ...options,
    mistyped,
    hasP3: hasP3(given),
    packages: http ? [...wasi, await loadHttp(machine, component.type, given)] : wasi,
    policyOf: await loadPolicy(http || importsPackage(component.type, "wasi:sockets")),
  };
}

async function loadHttp(machine: Machine, type: ComponentType, given: Settings): Promise<MakeImports> {
  const http = await import("../../wasi/component/http.ts");
  return http.loadHttp(machine, type, { maxFieldsSize: maxFieldsSize(given), hasP3: hasP3(given) });
}

/** What one `fields` may hold, bytes; undefined: as much as in wasmtime. */
export function maxFieldsSize({ wasi }: Settings): number | undefined {
  const most = wasi["max-http-fields-size"];
  return most === undefined ? undefined : Number(most);
}

/**
 * For how its guests wait. Those whose stacks must be switched are suspended though their thread sleeps when none can go on.
 *
 * @throws UnsupportedRuntime where that is so, and cannot be
 */
export async function compileFor(
  { wait }: Pick<Chosen, "wait">,
  { component }: ReadComponent,
  options: GuestOptions,
): Promise<CompiledComponent> {
  const asyncSupport = await loadAsyncSupport(component);
  const switches = asyncSupport?.callGraph(component).switchesStacks === true;
  if (wait === "blocking" && !switches) return compileForRun(component, options, { asyncSupport });
  if (switches) requireJspi();
  const { suspending } = await import("../../component/link/suspending.ts");
  return compileForRun(component, options, { asyncSupport, suspending });
}

/**
 * For instances that serve requests, and are put back to their beginnings for one guest after another.
 *
 * @param interrupts Whether they can be ended while they compute
 */
export async function compileServed(
  { component }: ReadComponent,
  options: GuestOptions,
  interrupts: boolean,
): Promise<CompiledComponent> {
  const [{ suspending }, { resetting }, asyncSupport] = await Promise.all([
    import("../../component/link/suspending.ts"),
    import("../../component/link/resetting.ts"),
    loadAsyncSupport(component),
  ]);
  const adapt = interrupts ? (await import("../../wasm/limits/interruptible.ts")).interruptible : undefined;
  return compileForRun(component, options, { asyncSupport, suspending, resetting }, adapt);
}

/** What only core modules can be given. As in wasmtime, addresses are bound before they are refused. */
async function refuseModuleOptions(machine: Machine, { wasi }: Settings): Promise<void> {
  if (wasi.listenfd === true) throw new Failure("components do not support --listenfd");
  if (wasi.tcplisten === undefined) return;
  const { openListener } = await import("./listeners.ts");
  for (const address of wasi.tcplisten) openListener(machine, address);
  throw new Failure("components do not support --tcplisten");
}
