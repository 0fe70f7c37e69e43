/** The settings of a command line that concern its guest. */

import type { GuestNetwork } from "../../core/policy/network.ts";
import type { GuestOptions } from "../../run/options.ts";
import type { ModuleLimits } from "../../wasm/limits/limit-module.ts";
import type { InstructionProposal } from "../../wasm/proposals.ts";
import type { Settings } from "./settings.ts";

/**
 * @param rest The file as it was named, and the guest's arguments.
 * @param hostEnv The host's environment, in its order.
 * @param told Of what of the network the guest is kept from.
 */
export function guestOptions(
  given: Settings,
  rest: readonly string[],
  hostEnv: HostEnvironment,
  told: Pick<GuestNetwork, "onRefusal">,
): GuestOptions {
  const { wasi, wasm, allowNet: allow, denyNet: deny } = given;
  const [file = "", ...args] = rest;
  return {
    args: [given.argv0 ?? baseName(file), ...args],
    env: environment(given, hostEnv),
    ...(wasi.config === true ? { config: new Map(wasi["config-var"]) } : {}),
    ...unknownImports(wasm),
    ...(given.dirs.length === 0 ? {} : { preopens: given.dirs }),
    ...(wasi.cwd === undefined ? {} : { cwd: wasi.cwd }),
    limits: {
      ...limit("maxResources", wasi["max-resources"]),
      ...limit("maxComponentHandles", wasi["max-component-handles"]),
      ...limit("hostcallFuel", wasi["hostcall-fuel"]),
      ...limit("maxInstances", wasm["max-instances"]),
      ...limit("maxTables", wasm["max-tables"]),
      ...limit("maxMemories", wasm["max-memories"]),
      ...(wasi["max-random-size"] === undefined ? {} : { maxRandomSize: wasi["max-random-size"] }),
    },
    stdin: wasi["inherit-stdin"] ?? true,
    stdout: wasi["inherit-stdout"] ?? true,
    stderr: wasi["inherit-stderr"] ?? true,
    network: {
      inheritNetwork: wasi["inherit-network"] ?? false,
      tcp: wasi.tcp,
      udp: wasi.udp,
      allowIpNameLookup: wasi["allow-ip-name-lookup"] ?? false,
      networkErrorCode: wasi["network-error-code"] ?? false,
      ...(allow.length + deny.length === 0 ? {} : { rules: { allow, deny } }),
      ...told,
    },
  };
}

function unknownImports(wasm: Settings["wasm"]): Pick<GuestOptions, "unknownImports"> {
  if (wasm["unknown-imports-trap"] === true) return { unknownImports: "trap" };
  return wasm["unknown-imports-default"] === true ? { unknownImports: "zero" } : {};
}

/** Whether the guest has WASI at all. */
export function hasWasi({ wasi }: Settings): boolean {
  return wasi.cli ?? wasi.common ?? true;
}

/** Whether WASI 0.3 is a part of it, and a component is run by its `run` of that if it exports one. */
export function hasP3({ wasi }: Settings): boolean {
  return wasi.p3 !== false;
}

/** The limits of core modules; empty if there are none. */
export function moduleLimits({ wasm }: Settings): ModuleLimits {
  return {
    ...limit("memorySize", wasm["max-memory-size"]),
    ...limit("tableElements", wasm["max-table-elements"]),
    ...(wasm["trap-on-grow-failure"] === true ? { trapOnGrowFailure: true } : {}),
  };
}

/** Proposals that core modules must not use. */
export function turnedOff({ wasm }: Settings): readonly InstructionProposal[] {
  return (["relaxed-simd", "tail-call", "wide-arithmetic"] as const).filter((name) => wasm[name] === false);
}

/** Whether some core modules are refused for the proposals that they use. */
export function refusesProposals(given: Settings): boolean {
  return turnedOff(given).length > 0 || given.wasm["relaxed-simd-deterministic"] === true;
}

/** A limit that was given. */
function limit<K extends string>(name: K, most: bigint | undefined): { readonly [N in K]?: number } {
  return most === undefined ? {} : ({ [name]: Number(most) } as { [N in K]: number });
}

export interface HostEnvironment {
  all(): [string, string][];
  get(name: string): string | undefined;
}

/** The host's first, then `--env` in order; a name given twice stands twice. */
function environment({ wasi, env }: Settings, host: HostEnvironment): [string, string][] {
  const out: [string, string][] = wasi["inherit-env"] ? host.all() : [];
  for (const [name, value = host.get(name)] of env) {
    if (value !== undefined) out.push([name, value]);
  }
  return out;
}

/** The last component of a path: Rust's `Path::file_name`, or the path itself where it has none. */
function baseName(path: string): string {
  return path.split("/").findLast((part) => part !== "" && part !== ".") ?? path;
}
