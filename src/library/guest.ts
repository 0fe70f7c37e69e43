/** What a guest is given, as programs say it and as a run takes it. */
import type { NetworkRules } from "../core/policy/net-rule.ts";
import { parseNetRule } from "../core/policy/net-rule.ts";
import type { GuestNetwork } from "../core/policy/network.ts";
import type { Bytes } from "../core/streams/input-stream.ts";
import type { Machine } from "../machine/machine.ts";
import type { RunOptions as ComponentOptions } from "../run/component.ts";
import type { GuestOptions } from "../run/options.ts";
import { loadPackages, loadPolicy } from "../wasi/component/packages.ts";
import type { OptionNames } from "./check-options.ts";
import type { CompiledComponent } from "./compile.ts";
import { instanceLimits, type Limits, limitNames } from "./limits.ts";
import type { Output, Streams } from "./stdio.ts";

/** What a guest is given, whatever it is for. */
export interface GuestSurroundings {
  /** Its environment variables: none unless given. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the guest is told its working directory is. */
  readonly cwd?: string;
  /** Directories that the guest is given, for reading and writing: the guest's name of each, and its path on this machine. */
  readonly preopens?: Readonly<Record<string, string>>;
  /** Where its standard output goes: nowhere unless given. `inherit`: the process's own. */
  readonly stdout?: Output;
  /** The same of standard error. */
  readonly stderr?: Output;
  /** What the guest may reach: nothing unless given. */
  readonly network?: "inherit" | NetworkAccess;
  /** Its limits. A compiled component has those given to `compile`. */
  readonly limits?: Limits;
}

/** The addresses and names that a guest may reach; no others. Rules are written as those of --allow-net: `127.0.0.1:8080`, `listen:[::]:0`. */
export interface NetworkAccess {
  /** Rules for what it may reach, and nothing else. */
  readonly allow?: readonly string[];
  /** Rules for what it may not reach, whatever else allows it. */
  readonly deny?: readonly string[];
  /** Everything, less what is denied. */
  readonly inherit?: boolean;
  /** Whether there is TCP at all: unless false. */
  readonly tcp?: boolean;
  /** Whether there is UDP at all: unless false. */
  readonly udp?: boolean;
  /** Whether it may look names up: no, unless given. */
  readonly ipNameLookup?: boolean;
  /** `wasi:http`: outgoing requests, wherever `allow` and `deny` let them go; everywhere without. */
  readonly http?: boolean;
}

export const surroundingNames: OptionNames<GuestSurroundings> = {
  env: true,
  cwd: true,
  preopens: true,
  stdout: true,
  stderr: true,
  network: { allow: true, deny: true, inherit: true, tcp: true, udp: true, ipNameLookup: true, http: true },
  limits: limitNames,
};

/** The same, with what whoever makes the guest decides. */
interface Given extends GuestSurroundings {
  readonly args?: readonly string[];
  readonly stdin: boolean | Bytes;
}

interface GivenToComponent extends Given {
  /** Whether there is `wasi:http`; unless given, if `network` asks for it. */
  readonly http?: boolean;
}

export async function guestOptions(
  machine: Machine,
  component: CompiledComponent,
  given: GivenToComponent,
  streams: Streams,
): Promise<ComponentOptions> {
  const packages = await loadPackages(component.type);
  if (given.http ?? asksForHttp(given.network))
    packages.push(await (await import("../wasi/component/http.ts")).loadHttp(machine, component.type));
  return {
    packages,
    policyOf: await loadPolicy(true),
    mistyped: component.mistyped,
    ...surroundings(given, component.limits, streams),
  };
}

/** Returns the options that components and core modules share. */
export function surroundings(given: Given, limits: Limits, streams: Streams): GuestOptions {
  return {
    args: given.args ?? [],
    env: Object.entries(given.env ?? {}),
    limits: instanceLimits(limits),
    ...(given.cwd === undefined ? {} : { cwd: given.cwd }),
    preopens: Object.entries(given.preopens ?? {}).map(([guest, host]) => ({ guest, host })),
    stdin: given.stdin,
    stdout: streams.output(given.stdout),
    stderr: streams.output(given.stderr),
    network: network(given.network),
  };
}

function network(access: GuestSurroundings["network"]): GuestNetwork {
  const given: NetworkAccess = access === "inherit" ? { inherit: true } : (access ?? {});
  const options = {
    inheritNetwork: given.inherit ?? false,
    tcp: given.tcp,
    udp: given.udp,
    allowIpNameLookup: given.ipNameLookup ?? false,
    httpRequests: given.http ?? false,
    networkErrorCode: true,
  };
  if (given.allow === undefined && given.deny === undefined) return options;
  const rules: NetworkRules = {
    allow: (given.allow ?? []).map(parseNetRule),
    deny: (given.deny ?? []).map(parseNetRule),
  };
  return { ...options, rules };
}

function asksForHttp(access: GuestSurroundings["network"]): boolean {
  return typeof access === "object" && access.http === true;
}
