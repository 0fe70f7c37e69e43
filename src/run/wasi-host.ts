import type { OpenFiles } from "../core/files/open-files.ts";
import { openPreopens } from "../core/files/preopens.ts";
import type { MakePolicy } from "../core/policy/network.ts";
import { type Bytes, closedInputStream, InputStream, readinessOf } from "../core/streams/input-stream.ts";
import { discardingOutputStream, OutputStream, STDIO_PERMIT } from "../core/streams/output-stream.ts";
import type { Poll } from "../core/wait/poll.ts";
import type { Machine } from "../machine/machine.ts";
import type { ByteSink } from "../machine/streams.ts";
import type { WasiHost } from "../wasi/host.ts";
import type { GuestOptions } from "./options.ts";

/** Makes the host of a guest, from which its imports are made. @throws PreopenError if a directory cannot be opened */
export function wasiHost(
  machine: Machine,
  poll: Poll,
  openFiles: OpenFiles,
  options: GuestOptions & { readonly policyOf: MakePolicy },
): WasiHost {
  const { stdio } = machine;
  const output = (given: boolean | ByteSink, own: ByteSink) => {
    const sink = given === true ? own : given;
    return () =>
      sink === false
        ? discardingOutputStream(poll)
        : new OutputStream(poll, sink, { permit: STDIO_PERMIT, strict: false });
  };
  const source = options.stdin === true ? stdio.stdin : options.stdin;
  const stdin = source === false ? undefined : sharedStdin(source);
  return {
    machine,
    poll,
    policy: options.policyOf(options.network),
    openFiles,
    preopens: openPreopens(machine.files, openFiles, options.preopens ?? []),
    started: Math.floor(machine.now()),
    insecureSeed: undefined,
    args: options.args,
    env: options.env,
    cwd: options.cwd,
    config: options.config,
    stdin: () => (stdin === undefined ? closedInputStream() : new InputStream(stdin, "never-fails")),
    stdout: output(options.stdout, stdio.stdout),
    stderr: output(options.stderr, stdio.stderr),
    terminals: {
      stdin: options.stdin === true && stdio.isTerminal(0),
      stdout: options.stdout === true && stdio.isTerminal(1),
      stderr: options.stderr === true && stdio.isTerminal(2),
    },
    maxRandomSize: options.limits?.maxRandomSize ?? 64n * 1024n * 1024n,
    networkErrorCode: options.network.networkErrorCode,
    onMissing: options.onMissing,
    socketObserver: options.socketObserver,
  };
}

/**
 * Returns a stdin whose end is final: all streams on it read the same bytes, and a terminal could deliver more after
 * ^D.
 */
function sharedStdin(stdin: Bytes): Bytes {
  let ended = false;
  return {
    source: stdin.source,
    readiness: readinessOf(stdin),
    receive: (max) => {
      if (ended) return 0;
      const received = stdin.receive(max);
      ended = received === 0 || typeof received === "object";
      return received;
    },
  };
}
