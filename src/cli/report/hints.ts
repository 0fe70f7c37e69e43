/** Which option would have given a guest that failed what it asked for. Loaded only for one that failed. */

import type { Permission } from "../../core/policy/network.ts";
import type { Machine } from "../../machine/machine.ts";
import { P2_TRACK, P3_TRACK } from "../../wasi/versions.ts";
import { isOfServer } from "../../wasi/worlds.ts";
import { LinkError, OtherCommandError } from "../../wasm/errors.ts";
import { hasP3, hasWasi, type Settings } from "../options/settings.ts";

/** One line each, to follow the error. What the command line itself refused (-Stcp=n) is no news to its author. */
export function hints(
  denied: ReadonlySet<Permission>,
  given: Settings,
  lacks: Machine["lacks"],
  failure: unknown,
): string[] {
  const found = [...networkHints(denied, given), ...(failure instanceof LinkError ? linkHints(failure, given) : [])];
  if (lacks !== undefined && found.length === 0 && mayUseNetwork(given)) found.push(lacks);
  return found.map((hint) => `hint: ${hint}\n`);
}

function mayUseNetwork({ wasi, allowNet }: Settings): boolean {
  return wasi["inherit-network"] === true || allowNet.length > 0;
}

function networkHints(denied: ReadonlySet<Permission>, { wasi, allowNet, denyNet }: Settings): string[] {
  const byRule = allowNet.length + denyNet.length > 0;
  const sockets = (["tcp", "udp"] as const).filter((what) => denied.has(what) && wasi[what] !== false);
  const found = sockets.map((what) => `the guest asked for ${what}: run with -Sinherit-network`);
  const names = denied.has("name-lookup") && wasi["allow-ip-name-lookup"] !== false;
  if (byRule && (denied.has("address") || names))
    return [...found, "--allow-net and --deny-net refused what the guest asked for: -v says which rule"];
  if (denied.has("address") && wasi["inherit-network"] !== false)
    found.push("the guest asked for an address: run with -Sinherit-network, or --allow-net RULE");
  if (names) found.push("the guest looked up a name: run with -Sallow-ip-name-lookup");
  return found;
}

/** Interfaces that are there only when they are asked for. */
const optional: readonly (readonly [RegExp, keyof Settings["wasi"]])[] = [
  [/^wasi:http\/(?:types|outgoing-handler|client)\b/, "http"],
  [/^wasi:config\//, "config"],
  [/\. network-error-code$/, "network-error-code"],
];

function linkHints(failure: LinkError, given: Settings): string[] {
  const { wasi } = given;
  const serves = "serve" in given;
  if (failure instanceof OtherCommandError) {
    const what = serves ? "a command: run it with `pollux run`" : "an HTTP server: serve it with `pollux serve`";
    return [`a component that exports ${failure.exported} is ${what}`];
  }
  const { path } = failure;
  const [, track = P2_TRACK] = /^wasi:[\w-]+\/[\w-]+@(\d+\.\d+)\./.exec(path) ?? [];
  if (track > P3_TRACK) return [`the component needs WASI ${track}: Pollux has ${P2_TRACK} and ${P3_TRACK}`];
  if (serves && (wasi.cli ?? wasi.common) === undefined && isMoreThanServers(path))
    return ["the component imports more of WASI than servers are given: run with -Scli"];
  if (!serves && !hasWasi(given) && path.startsWith("wasi:"))
    return ["the component imports WASI: run without -Scli=n"];
  if (track === P3_TRACK && !hasP3(given)) return ["the component imports WASI 0.3: run without -Sp3=n"];
  const [, key] = optional.find(([pattern]) => pattern.test(path)) ?? [];
  return key === undefined || wasi[key] !== undefined ? [] : [`the component imports it: run with -S${key}`];
}

/** Whether it is of WASI, and there only with -Scli. @param path As of a LinkError */
function isMoreThanServers(path: string): boolean {
  const [name = ""] = path.split(" ");
  return /^wasi:(?:io|cli|clocks|random|filesystem|sockets)\//.test(name) && !isOfServer(name);
}
