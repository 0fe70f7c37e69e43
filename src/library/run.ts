import type { NetworkRules } from "../core/policy/net-rule.ts";
import { parseNetRule } from "../core/policy/net-rule.ts";
import type { GuestNetwork } from "../core/policy/network.ts";
import type { Bytes } from "../core/streams/input-stream.ts";
import type { Machine } from "../machine/machine.ts";
import type { NetFamily } from "../machine/machines.ts";
import { type RunOptions as GuestOptions, runComponent } from "../run/component.ts";
import { loadPackages, loadPolicy } from "../wasi/component/packages.ts";
import { CompiledComponent, compiledOf } from "./compile.ts";
import { instanceLimits, type Limits } from "./limits.ts";
import { createMachine, createSuspendingMachine } from "./machine.ts";
import type { ComponentSource } from "./source.ts";
import { bytesSource, type Input, type Output, readToEnd, Streams, streamSource } from "./stdio.ts";
import type { Wait } from "./wait.ts";

export interface RunOptions {
  /** The guest's argv; its first item is by custom the program's name. None unless given. */
  readonly args?: readonly string[];
  /** None unless given. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the guest is told its working directory is. */
  readonly cwd?: string;
  /** Directories that the guest is given, for reading and writing: the guest's name of each, and its path on this machine. */
  readonly preopens?: Readonly<Record<string, string>>;
  /** Where they go: nowhere unless given. `inherit`: the process's own. */
  readonly stdin?: Input;
  readonly stdout?: Output;
  readonly stderr?: Output;
  /** What the guest may reach: nothing unless given. */
  readonly network?: "inherit" | NetworkAccess;
  /** Not of a component that is compiled: it has those given to `compile`. */
  readonly limits?: Limits;
  /** Ends the guest at its next wait, or in the one under way; one that blocks is only kept from starting. */
  readonly signal?: AbortSignal;
  /** `suspending` unless given, or what the component was compiled for. */
  readonly wait?: Wait;
  /** Whose sockets a suspended guest uses: libc's, or the runtime's own. libc's where they can be had, unless given. */
  readonly net?: NetFamily;
}

/** What a guest may reach. With `allow`, only that; `deny` wins. Rules are written as those of --allow-net. */
export interface NetworkAccess {
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
  /** Everything, less what is denied. */
  readonly inherit?: boolean;
  readonly tcp?: boolean;
  readonly udp?: boolean;
  readonly ipNameLookup?: boolean;
  /** `wasi:http`: outgoing requests, wherever `allow` and `deny` let them go; everywhere without. */
  readonly http?: boolean;
}

export interface RunResult {
  /** 0..255 */
  readonly exitCode: number;
}

/**
 * Runs a command component (one that exports `wasi:cli/run`) to its end. It inherits nothing that is not asked for. While it
 * waits, timers, promises and servers of this program go on, and other components run beside it.
 *
 * @throws ParseError, LinkError if it cannot run; LimitError if it asks for more from the start than `limits` let it have;
 * PreopenError if a directory cannot be opened; OutOfResources if there are no descriptors for it; Trap if it was ended; the signal's reason if that was aborted
 */
export async function run(source: ComponentSource | CompiledComponent, options: RunOptions = {}): Promise<RunResult> {
  const wait = options.wait ?? (source instanceof CompiledComponent ? source.wait : undefined) ?? "suspending";
  const component = await compiledOf(source, wait, options.limits);
  options.signal?.throwIfAborted();
  using streams = new Streams();
  const exitCode = await (wait === "blocking" ? runBlocking : runSuspending)(component, options, streams);
  await streams.finish();
  return { exitCode };
}

async function runBlocking(component: CompiledComponent, options: RunOptions, streams: Streams): Promise<number> {
  const stdin =
    options.stdin instanceof ReadableStream ? await readToEnd(options.stdin, options.signal) : options.stdin;
  const machine = await createMachine();
  try {
    options.signal?.throwIfAborted();
    const input = stdin instanceof Uint8Array ? bytesSource(machine, stdin) : stdin === "inherit";
    const compiled = await component.compiledFor("blocking");
    return runComponent(machine, compiled, await guestOptions(machine, component, options, input, streams));
  } finally {
    machine.selector.close();
  }
}

async function runSuspending(component: CompiledComponent, options: RunOptions, streams: Streams): Promise<number> {
  const { SuspendingPoll } = await import("../core/wait/suspending-poll.ts");
  const { runSuspended } = await import("../run/component-suspended.ts");
  const { stdin, signal } = options;
  const machine = await createSuspendingMachine(options.net);
  const poll = new SuspendingPoll(machine);
  const abort = (): void => poll.abort(signal?.reason);
  try {
    signal?.throwIfAborted();
    signal?.addEventListener("abort", abort);
    const input =
      stdin instanceof ReadableStream
        ? streams.input(streamSource(machine, stdin, () => poll.wake()))
        : stdin instanceof Uint8Array
          ? bytesSource(machine, stdin)
          : stdin === "inherit";
    return await runSuspended(
      machine,
      await component.compiledFor("suspending"),
      await guestOptions(machine, component, options, input, streams),
      poll,
    );
  } finally {
    signal?.removeEventListener("abort", abort);
    machine.selector.close();
  }
}

async function guestOptions(
  machine: Machine,
  component: CompiledComponent,
  options: RunOptions,
  stdin: boolean | Bytes,
  streams: Streams,
): Promise<GuestOptions> {
  const access = network(options.network);
  const http = typeof options.network === "object" && options.network.http === true;
  const packages = await loadPackages(component.type);
  if (http) packages.push(await (await import("../wasi/component/http.ts")).loadHttp(machine, component.type));
  return {
    packages,
    policyOf: await loadPolicy(true),
    mistyped: component.mistyped,
    args: options.args ?? [],
    env: Object.entries(options.env ?? {}),
    limits: instanceLimits(component.limits),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    preopens: Object.entries(options.preopens ?? {}).map(([guest, host]) => ({ guest, host })),
    stdin,
    stdout: streams.output(options.stdout),
    stderr: streams.output(options.stderr),
    network: access,
  };
}

function network(access: RunOptions["network"]): GuestNetwork {
  const given: NetworkAccess = access === "inherit" ? { inherit: true } : (access ?? {});
  const options = {
    inheritNetwork: given.inherit ?? false,
    tcp: given.tcp,
    udp: given.udp,
    allowIpNameLookup: given.ipNameLookup ?? false,
    networkErrorCode: true,
  };
  if (given.allow === undefined && given.deny === undefined) return options;
  const rules: NetworkRules = {
    allow: (given.allow ?? []).map(parseNetRule),
    deny: (given.deny ?? []).map(parseNetRule),
  };
  return { ...options, rules };
}
