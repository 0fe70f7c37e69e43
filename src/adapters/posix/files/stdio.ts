import type { IoError } from "../../../machine/files.ts";
import type { Stdio } from "../../../machine/machine.ts";
import { Source } from "../../../machine/selector.ts";
import type { ByteSink, ByteSource } from "../../../machine/streams.ts";
import { fill, type PosixContext, TRANSFER_BYTES } from "../libc/context.ts";
import { ioError } from "../libc/io-error.ts";
import { POLLIN, POLLOUT, pollOne } from "../wait/pollfd.ts";

export function createStdio(context: PosixContext): Stdio {
  return {
    stdin: new StdioSource(context, 0),
    stdout: new StdioSink(context, 1),
    stderr: new StdioSink(context, 2),
    isTerminal: (fd) => context.sys.isatty(fd),
  };
}

/**
 * A file description that other processes share, so it must not be made non-blocking. Each receive first asks poll(2)
 * whether a read(2) would wait. (For poll(2) regular files are always readable.)
 */
class StdioSource implements ByteSource {
  readonly source: Source;
  readonly #context: PosixContext;

  constructor(context: PosixContext, fd: number) {
    this.source = new Source(fd);
    // Never closed by Pollux.
    this.source.shared = true;
    this.#context = context;
  }

  receive(max: number): number | "would-block" | IoError {
    const { sys, incoming, os } = this.#context;
    const fd = this.source.id;
    if (pollOne(this.#context, fd, POLLIN, 0) === 0) return "would-block";
    const count = sys.read(fd, incoming.pointer, max);
    if (count >= 0) return count;
    if (count === -os.errno.EAGAIN || count === -os.errno.EINTR) return "would-block";
    return ioError(this.#context, count);
  }
}

/**
 * Writes everything before it returns, as wasmtime's stdout and stderr do. Waits if another process has made it
 * non-blocking.
 */
class StdioSink implements ByteSink {
  readonly source = undefined;
  readonly #context: PosixContext;
  readonly #fd: number;

  constructor(context: PosixContext, fd: number) {
    this.#context = context;
    this.#fd = fd;
  }

  send(bytes: Uint8Array, start = 0, end = bytes.length): number | "broken-pipe" | IoError {
    const { sys, outgoing, os } = this.#context;
    for (let at = start; at < end; ) {
      const length = Math.min(end - at, TRANSFER_BYTES);
      fill(outgoing, bytes, at, at + length);
      const count = sys.write(this.#fd, outgoing.pointer, length);
      if (count >= 0) at += count;
      else if (count === -os.errno.EAGAIN) pollOne(this.#context, this.#fd, POLLOUT, -1);
      else if (count === -os.errno.EPIPE) return "broken-pipe";
      else if (count !== -os.errno.EINTR) return ioError(this.#context, count);
    }
    return end - start;
  }
}
