/** Which option would have given a guest that failed what it asked for. Loaded only for one that failed. */

import { type Permission, permissionFor, type Refusal, ruleFor } from "../../core/policy/refusal.ts";
import type { IpSocketAddress } from "../../machine/address.ts";
import { formatSocketAddress } from "../../machine/ip.ts";
import type { Machine } from "../../machine/machine.ts";
import type { Missing } from "../../wasi/host.ts";
import { optionalKey } from "../../wasi/optional.ts";
import { P2_TRACK, P3_TRACK } from "../../wasi/versions.ts";
import { isOfServer } from "../../wasi/worlds.ts";
import { LinkError, OtherCommandError } from "../../wasm/errors.ts";
import { hasP3, hasWasi } from "../options/guest-options.ts";
import type { Settings } from "../options/settings.ts";

/** The permissions and files that a guest asked for and was not given. */
export interface Denied {
  /** The first refusal of each kind of use. */
  readonly refusals: ReadonlyMap<string, Refusal>;
  readonly missing: ReadonlySet<Missing>;
  /** Whether it made a socket. */
  readonly usesSockets: boolean;
  /** The last address that it wanted for a socket and another one had. */
  readonly inUse: IpSocketAddress | undefined;
}

/** The permissions that were refused, with the rules of --allow-net that allow those uses alone, as a shell may have them. */
function refusedPermissions({ refusals }: Denied): ReadonlyMap<Permission, ReadonlySet<string>> {
  const refused = new Map<Permission, Set<string>>();
  for (const { use } of refusals.values()) {
    const permission = permissionFor(use);
    if (permission === undefined) continue;
    const rules = refused.get(permission) ?? new Set();
    refused.set(permission, rules);
    const rule = shellSafe(ruleFor(use));
    if (rule !== undefined) rules.add(rule);
  }
  return refused;
}

/**
 * One line each, to follow the error. What the command line itself refused (-Stcp=n) is no news to its author.
 *
 * @param args The guest's
 */
export function hints(
  denied: Denied,
  given: Settings,
  lacks: Machine["lacks"],
  failure: unknown,
  args: readonly string[] = [],
): string[] {
  const found = [
    ...networkHints(refusedPermissions(denied), given),
    ...(failure instanceof LinkError ? linkHints(failure, given) : []),
  ];
  if (lacks !== undefined && found.length === 0 && mayUseNetwork(given)) found.push(lacks);
  if (found.length === 0) found.push(...missingHints(denied, given));
  found.push(...misplaced(found, args));
  return found.map((hint) => `hint: ${hint}\n`);
}

/** An option that a hint names, and that the guest was given. */
function misplaced(found: readonly string[], args: readonly string[]): string[] {
  const named = new Set(found.flatMap((hint) => hint.match(/(?<= )(?:-S|--)[\w-]+/g) ?? []));
  const words = args.flatMap((arg, i) => (arg === "-S" ? [`-S${args[i + 1]}`] : [arg]));
  const option = [...named].find((name) => words.some((word) => word === name || word.startsWith(`${name}=`)));
  return option === undefined ? [] : [`${option} stands after the file, so the guest got it: put it before the file`];
}

function mayUseNetwork({ wasi, allowNet }: Settings): boolean {
  return wasi["inherit-network"] === true || allowNet.length > 0;
}

function networkHints(
  denied: ReadonlyMap<Permission, ReadonlySet<string>>,
  { wasi, allowNet, denyNet }: Settings,
): string[] {
  const sockets = (["tcp", "udp"] as const).filter((what) => denied.has(what) && wasi[what] !== false);
  const found = sockets.map((what) => `the guest asked for ${what}: run with -Sinherit-network, or --allow-net RULE`);
  const address = denied.has("address");
  const names = denied.has("name-lookup") && wasi["allow-ip-name-lookup"] !== false;
  if ((address || names) && denyNet.length > 0)
    return [...found, "--allow-net and --deny-net refused what the guest asked for: -v says which rule"];
  const ruled = allowNet.length > 0;
  if (address && (ruled || wasi["inherit-network"] !== false)) {
    const rules = [...(denied.get("address") ?? [])];
    const asked = rules.length === 0 ? "an address" : rules.join(" and ");
    const either = ruled ? "" : "-Sinherit-network, or ";
    const finer = (rules.length === 0 ? ["RULE"] : rules).map((rule) => `--allow-net ${rule}`).join(" ");
    found.push(`the guest asked for ${asked}: run with ${either}${finer}`);
  }
  const [name] = ruled ? (denied.get("name-lookup") ?? []) : [];
  if (names) {
    const which = name === undefined ? "" : `, or --allow-net ${name}`;
    found.push(`the guest looked up ${name ?? "a name"}: run with -Sallow-ip-name-lookup${which}`);
  }
  return found;
}

/** Returns a rule as a shell may have it: people paste what a guest may have made up. Undefined if no shell should. */
function shellSafe(rule: string | undefined): string | undefined {
  if (rule === undefined || !/^[\w.:*[\]-]+$/.test(rule)) return undefined;
  return /[*[]/.test(rule) ? `'${rule}'` : rule;
}

/** Hints for things that it looked for in vain, or did not get: that may be why it failed. */
function missingHints({ missing, usesSockets, inUse }: Denied, { dirs, wasi }: Settings): string[] {
  if (inUse !== undefined)
    return [`${formatSocketAddress(inUse)} is in use by another program: end it, or take another port`];
  if (missing.has("listener") && wasi.tcplisten === undefined && wasi.listenfd !== true)
    return ["the guest wants a listening socket from its host: run with -Stcplisten=127.0.0.1:8080"];
  // Programs of many languages ask for directories whenever they start: one that has sockets failed for another reason.
  const hasSockets = usesSockets || wasi.tcplisten !== undefined || wasi.listenfd === true;
  if (missing.has("directories") && dirs.length === 0 && !hasSockets)
    return ["the guest was given no directory: if it looks for files, run with --dir ., or --dir HOST_DIR::GUEST_DIR"];
  return [];
}

function linkHints(failure: LinkError, given: Settings): string[] {
  const { wasi } = given;
  const { serves } = given;
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
  const [, base = "", item] = /^([^@ ]+)(?:@\S+)?(?: \. (.+))?$/.exec(path) ?? [];
  const key = optionalKey(base, item);
  return key === undefined || wasi[key] !== undefined ? [] : [`the component imports it: run with -S${key}`];
}

/** Whether it is of WASI, and there only with -Scli. @param path As of a LinkError */
function isMoreThanServers(path: string): boolean {
  const [name = ""] = path.split(" ");
  return /^wasi:(?:io|cli|clocks|random|filesystem|sockets)\//.test(name) && !isOfServer(name);
}
