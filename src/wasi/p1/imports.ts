import { Descriptor as FileResource } from "../../core/files/descriptor.ts";
import type { OpenFiles } from "../../core/files/open-files.ts";
import type { OpenPreopen } from "../../core/files/preopens.ts";
import type { Poll } from "../../core/wait/poll.ts";
import type { Machine } from "../../machine/machine.ts";
import type { TcpHandle } from "../../machine/sockets.ts";
import type { ByteSink, ByteSource } from "../../machine/streams.ts";
import { type Layout, preview1Layout, unstableLayout } from "./abi/layout.ts";
import { Preview1Memory } from "./abi/memory.ts";
import { Prefixes } from "./abi/slices.ts";
import { args } from "./args.ts";
import { clock } from "./clock.ts";
import type { Area, Preview1Context, Preview1Functions, Preview1Limits } from "./context.ts";
import type { FileDescriptor } from "./descriptors/descriptor.ts";
import { Directory } from "./descriptors/directory.ts";
import { FdTable } from "./descriptors/fd-table.ts";
import { ListeningSocket, type Preview1SocketContext } from "./descriptors/socket.ts";
import { noInput, noOutput, Stdin, Stdout } from "./descriptors/stdio.ts";
import { fd } from "./fd.ts";
import { fdIo } from "./fd-io.ts";
import { guarded } from "./guarded.ts";
import { path } from "./path.ts";
import { pollOneoff } from "./poll-oneoff.ts";
import { proc } from "./proc.ts";
import { sock } from "./sock.ts";

/** The arguments, environment and descriptors that a module gets. */
export interface Preview1Options {
  /** argv, including argv[0]. */
  readonly args: readonly string[];
  /** In the order the guest sees; names may repeat. */
  readonly env: readonly (readonly [string, string])[];
  /** True: the process's own. False: none, so that stdin is at its end, and stdout and stderr discard everything. */
  readonly stdin: boolean | ByteSource;
  readonly stdout: boolean | ByteSink;
  readonly stderr: boolean | ByteSink;
  /** Listening sockets: they get the descriptors from 3. */
  readonly listeners: readonly TcpHandle[];
  /** Preopened directories: they get the descriptors after those. */
  readonly preopens: readonly OpenPreopen[];
  readonly openFiles: OpenFiles;
  readonly limits?: Partial<Preview1Limits>;
  readonly onMissing?: Preview1Context["onMissing"];
  /** Whether to provide `wasi_unstable` too. */
  readonly unstable: boolean;
}

/** The imports of one instance. */
export interface Preview1Imports {
  /** The functions, by the module name that guests import from. */
  readonly modules: Readonly<Record<string, Preview1Functions>>;
  /** Attach the guest's memory here as soon as it exists. */
  readonly memory: Preview1Memory;
  readonly fds: Pick<FdTable, "count">;
}

const areas: readonly Area[] = [args, clock, fd, fdIo, path, pollOneoff, proc, sock];

/** wasmtime's defaults. */
const defaultLimits: Preview1Limits = {
  hostcallFuel: 128 * 1024 * 1024,
  maxResources: 1_000_000,
  maxRandomSize: 64n * 1024n * 1024n,
};

/**
 * Opens the descriptors that the guest starts with. Returns a function that makes the imports of one instance:
 * `wasi_snapshot_preview1`, and `wasi_unstable`, whose layouts differ. All instances share the descriptors; each has
 * its own memory.
 */
export function openPreview1(machine: Machine, poll: Poll, options: Preview1Options): () => Preview1Imports {
  const limits = { ...defaultLimits, ...options.limits };
  const shared = {
    machine,
    poll,
    received: new Prefixes(machine.buffer),
    fds: new FdTable(firstDescriptors({ machine, poll }, options), limits.maxResources, poll.streak),
    args: options.args,
    env: options.env,
    limits,
    origin: Math.floor(machine.now()),
    onMissing: options.onMissing,
  };
  const layouts: readonly Layout[] = options.unstable ? [preview1Layout, unstableLayout] : [preview1Layout];
  return () => {
    const memory = new Preview1Memory();
    const cx: Preview1Context = { ...shared, memory };
    const modules = layouts.map((layout): [string, Preview1Functions] => [
      layout.module,
      guarded(Object.assign({}, ...areas.map((area) => area(cx, layout)))),
    ]);
    return { modules: Object.fromEntries(modules), memory, fds: shared.fds };
  };
}

function firstDescriptors(cx: Preview1SocketContext, options: Preview1Options): FileDescriptor[] {
  const { machine, poll } = cx;
  const { stdin, stdout, stderr, openFiles } = options;
  const own = machine.stdio;
  const source = stdin === true ? own.stdin : stdin;
  const output = (given: boolean | ByteSink, sink: ByteSink) => (given === true ? sink : given || noOutput);
  return [
    new Stdin(source || noInput, stdin === true && own.isTerminal(0)),
    new Stdout(output(stdout, own.stdout), stdout === true && own.isTerminal(1)),
    new Stdout(output(stderr, own.stderr), stderr === true && own.isTerminal(2)),
    ...options.listeners.map((handle) => new ListeningSocket(cx, handle)),
    ...options.preopens.map(({ directory, name, readOnly }) => {
      const access = { read: true, write: false, mutateDirectory: !readOnly };
      return new Directory(new FileResource({ machine, poll, openFiles }, directory, access), name);
    }),
  ];
}
