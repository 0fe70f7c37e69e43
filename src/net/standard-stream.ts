import { READABLE } from "../machine/selector.ts";
import type { ByteSink, ByteSource } from "../machine/streams.ts";
import { Fd } from "./fd.ts";
import { FdStream } from "./fd-stream.ts";
import type { Scheduler } from "./scheduler.ts";

/**
 * A standard stream of the process, as Go's os.File: a read parks its call only. Deadlines work if the machine can wait
 * for it (a pipe, a terminal), but not for a regular file, nor for stdout and stderr, whose writes are complete when
 * they return. After `close` it cannot be used here; the process keeps its descriptor.
 */
export class StandardStream extends FdStream {}

/** The process's standard streams. */
export interface StandardStreams {
  /** For reading. */
  readonly stdin: StandardStream;
  /** For writing. */
  readonly stdout: StandardStream;
  /** For writing. */
  readonly stderr: StandardStream;
}

export function standardStreams(scheduler: Scheduler): StandardStreams {
  const { stdin, stdout, stderr } = scheduler.netpoll.machine.stdio;
  // Whether the machine can wait for it is known only after asking.
  if (stdin.source !== undefined) scheduler.netpoll.canWaitFor(stdin.source, READABLE);
  return {
    stdin: open(scheduler, "stdin", stdin, { send: () => "not-supported" }),
    stdout: open(scheduler, "stdout", { source: stdout.source, receive: () => "not-supported" }, stdout),
    stderr: open(scheduler, "stderr", { source: stderr.source, receive: () => "not-supported" }, stderr),
  };
}

function open(scheduler: Scheduler, name: string, from: ByteSource, to: Pick<ByteSink, "send">): StandardStream {
  const { source } = from;
  const fd = new Fd(scheduler, { kind: "file", name, source, destroy: () => {} });
  const bytes = {
    source,
    receive: (max: number) => from.receive(max),
    send: (...bytes: Parameters<ByteSink["send"]>) => to.send(...bytes),
  };
  return new StandardStream(fd, bytes, scheduler.netpoll.machine.buffer);
}
