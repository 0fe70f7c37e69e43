import type { ByteSink } from "../adapters/contract.ts";
import { parseNetRule } from "../core/net-rule.ts";
import type { NetworkOptions, NetworkRules } from "../core/network.ts";
import { runComponent } from "../run.ts";
import { type Limits, runLimits } from "./limits.ts";
import { createMachine } from "./machine.ts";
import { type ComponentSource, readSource } from "./source.ts";
import { bytesSource, type Input, type Output, readToEnd, writerSink } from "./stdio.ts";
import { checkWait, type Wait } from "./wait.ts";

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
  readonly limits?: Limits;
  /** Looked at before the guest starts. */
  readonly signal?: AbortSignal;
  readonly wait?: Wait;
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
}

export interface RunResult {
  /** 0..255 */
  readonly exitCode: number;
}

/**
 * Runs a command component (one that exports `wasi:cli/run`) to its end. It inherits nothing that is not asked for.
 *
 * @throws ParseError, LinkError if it cannot run; LimitError if it asks for more from the start than `limits` let it have;
 * PreopenError if a directory cannot be opened; Trap if it was ended; the signal's reason if that was aborted
 */
export async function run(source: ComponentSource, options: RunOptions = {}): Promise<RunResult> {
  checkWait(options.wait ?? "blocking");
  const bytes = await readSource(source);
  const stdin = options.stdin instanceof ReadableStream ? await readToEnd(options.stdin) : options.stdin;
  const machine = await createMachine();
  options.signal?.throwIfAborted();
  const writers: WritableStreamDefaultWriter<Uint8Array>[] = [];
  const output = (stream: Output): boolean | ByteSink => {
    if (stream === undefined || stream === "inherit") return stream === "inherit";
    const writer = stream.getWriter();
    writers.push(writer);
    return writerSink(writer);
  };
  try {
    const exitCode = runComponent(machine, bytes, {
      args: options.args ?? [],
      env: Object.entries(options.env ?? {}),
      limits: runLimits(options.limits ?? {}),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      preopens: Object.entries(options.preopens ?? {}).map(([guest, host]) => ({ guest, host })),
      stdin: stdin instanceof Uint8Array ? bytesSource(machine, stdin) : stdin === "inherit",
      stdout: output(options.stdout),
      stderr: output(options.stderr),
      network: network(options.network),
    });
    await Promise.all(writers.map((writer) => writer.close()));
    return { exitCode };
  } finally {
    machine.selector.close();
    for (const writer of writers) writer.releaseLock();
  }
}

function network(access: RunOptions["network"]): NetworkOptions & { rules?: NetworkRules; networkErrorCode: boolean } {
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
    onRefusal: () => {},
  };
  return { ...options, rules };
}
