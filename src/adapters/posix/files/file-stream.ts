import type { FileStream, IoError } from "../../../machine/files.ts";
import { Source } from "../../../machine/selector.ts";
import { fill, TRANSFER_BYTES } from "../libc/context.ts";
import { ioError } from "../libc/io-error.ts";
import { fdsOf } from "../libc/syscalls.ts";
import { POLLIN, pollOne } from "../wait/pollfd.ts";
import type { FileContext } from "./file-context.ts";

/** A FIFO or terminal over its fd, which is non-blocking. */
export class PosixFileStream implements FileStream {
  readonly source: Source;
  readonly #context: FileContext;

  constructor(context: FileContext, fd: number) {
    this.source = new Source(fd);
    this.#context = context;
  }

  /** Returns 0, the end, for a FIFO that has no writer, even if it never had one: so read(2) reports it. */
  receive(max: number): number | "would-block" | IoError {
    return this.#receive(max);
  }

  receiveInto(bytes: Uint8Array, start: number, end: number): number | "would-block" | IoError {
    const count = this.#receive(end - start);
    if (typeof count === "number") this.#context.copyIncoming(count, bytes, start);
    return count;
  }

  #receive(max: number): number | "would-block" | IoError {
    const { machine } = this.#context;
    return this.#result(() =>
      machine.sys.read(this.source.id, machine.incoming.pointer, Math.min(max, TRANSFER_BYTES)),
    );
  }

  send(bytes: Uint8Array, start = 0, end = bytes.length): number | "would-block" | IoError {
    const { machine } = this.#context;
    const length = Math.min(end - start, TRANSFER_BYTES);
    fill(machine.outgoing, bytes, start, start + length);
    return this.#result(() => machine.sys.write(this.source.id, machine.outgoing.pointer, length));
  }

  /**
   * Returns whether a FIFO has a writer. One whose writer has gone hangs up. For one that never had a writer only
   * tee(2) tells, which removes nothing.
   */
  hasWriter(): boolean {
    const { machine, calls, ends } = this.#context;
    const fd = this.source.id;
    if (pollOne(machine, fd, POLLIN, 0) !== 0) return true;
    if (machine.sys.pipe(ends) < 0) return false;
    const [reading, writing] = fdsOf(ends);
    const found = calls.tee(fd, writing);
    machine.sys.close(reading);
    machine.sys.close(writing);
    return found !== 0;
  }

  #result(call: () => number): number | "would-block" | IoError {
    const { machine } = this.#context;
    const { EAGAIN, EINTR } = machine.os.errno;
    for (;;) {
      const count = call();
      if (count >= 0) return count;
      if (count === -EAGAIN) return "would-block";
      if (count !== -EINTR) return ioError(machine, count);
    }
  }
}
