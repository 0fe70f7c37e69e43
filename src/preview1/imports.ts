import type { ByteSink, ByteSource, Machine, TcpHandle } from "../adapters/contract.ts";
import { Descriptor } from "../core/descriptor.ts";
import type { OpenFiles } from "../core/open-files.ts";
import type { BlockingPoll } from "../core/poll.ts";
import type { OpenPreopen } from "../core/preopens.ts";
import { args } from "./args.ts";
import { clock } from "./clock.ts";
import type { Area, Functions, Preview1 } from "./context.ts";
import { Directory } from "./directory.ts";
import { fd } from "./fd.ts";
import { fdIo } from "./fd-io.ts";
import { FdTable } from "./fd-table.ts";
import { type Layout, preview1Layout, unstableLayout } from "./layout.ts";
import { GuestMemory } from "./memory.ts";
import { path } from "./path.ts";
import { pollOneoff } from "./poll-oneoff.ts";
import { proc } from "./proc.ts";
import { Prefixes } from "./slices.ts";
import { sock } from "./sock.ts";
import { Listener } from "./socket.ts";
import { noInput, noOutput, Stdin, Stdout } from "./stdio.ts";

/** What a module is given. */
export interface Preview1Options {
  /** argv, with argv[0]. */
  readonly args: readonly string[];
  /** In the guest's order; names may repeat. */
  readonly env: readonly (readonly [string, string])[];
  /** True: the process's own; false: none (stdin has ended, the others take everything). */
  readonly stdin: boolean | ByteSource;
  readonly stdout: boolean | ByteSink;
  readonly stderr: boolean | ByteSink;
  /** Listening sockets: descriptors 3 and up. */
  readonly listeners: readonly TcpHandle[];
  /** The descriptors after those. */
  readonly preopens: readonly OpenPreopen[];
  readonly openFiles: OpenFiles;
  /** Whether `wasi_unstable` is there too. */
  readonly unstable: boolean;
}

/** The functions by the modules that they are imported from; and the memory, to be attached when the guest's is there. */
export interface Preview1Imports {
  readonly modules: Readonly<Record<string, Functions>>;
  readonly memory: GuestMemory;
}

const areas: readonly Area[] = [args, clock, fd, fdIo, path, pollOneoff, proc, sock];

/** `wasi_snapshot_preview1`, and `wasi_unstable`, which differs in layout: both share their descriptors. */
export function preview1Imports(machine: Machine, poll: BlockingPoll, options: Preview1Options): Preview1Imports {
  const memory = new GuestMemory();
  const cx: Preview1 = {
    machine,
    poll,
    memory,
    received: new Prefixes(machine.buffer),
    fds: new FdTable(),
    args: options.args,
    env: options.env,
    origin: Math.floor(machine.now()),
  };
  openDescriptors(cx, options);
  const layouts: readonly Layout[] = options.unstable ? [preview1Layout, unstableLayout] : [preview1Layout];
  const modules = layouts.map((layout): [string, Functions] => [
    layout.module,
    Object.assign({}, ...areas.map((area) => area(cx, layout))),
  ]);
  return { modules: Object.fromEntries(modules), memory };
}

function openDescriptors(cx: Preview1, options: Preview1Options): void {
  const { machine, poll, fds } = cx;
  const { stdin, stdout, stderr, openFiles } = options;
  const own = machine.stdio;
  const source = stdin === true ? own.stdin : stdin;
  const output = (given: boolean | ByteSink, sink: ByteSink) => (given === true ? sink : given || noOutput);
  fds.push(new Stdin(source || noInput, stdin === true && own.isTerminal(0)));
  fds.push(new Stdout(output(stdout, own.stdout), stdout === true && own.isTerminal(1)));
  fds.push(new Stdout(output(stderr, own.stderr), stderr === true && own.isTerminal(2)));
  for (const handle of options.listeners) fds.push(new Listener(cx, handle));
  for (const { directory, name } of options.preopens) {
    const files = new Descriptor({ machine, poll, openFiles }, directory, {
      read: true,
      write: false,
      mutateDirectory: true,
    });
    fds.push(new Directory(files, name));
  }
}
