import type { FileErrorCode } from "../../../machine/files.ts";
import type { Selector } from "../../../machine/selector.ts";
import type { PosixContext } from "../libc/context.ts";
import type { Block } from "../libc/ffi.ts";
import type { FileCalls } from "../libc/file-calls.ts";
import { fileErrorCode } from "../libc/file-errno.ts";

/** PATH_MAX, including the NUL. */
const PATH_MAX = 4096;

const utf8 = new TextEncoder();

/** The state that open files and directories share: the calls, and native memory for two paths. */
export class FileContext {
  readonly machine: PosixContext;
  readonly calls: FileCalls;
  readonly selector: Selector;
  /** The path of a call; `otherPath` is the second one of calls that take two. */
  readonly path: Block;
  readonly otherPath: Block;
  /** The two fds of a pipe. */
  readonly ends: Block;

  constructor(machine: PosixContext, calls: FileCalls, selector: Selector) {
    this.machine = machine;
    this.calls = calls;
    this.selector = selector;
    this.path = machine.allocate(PATH_MAX);
    this.otherPath = machine.allocate(PATH_MAX);
    this.ends = machine.allocate(8);
  }

  /** Writes `text` and a NUL to the start of a block. Returns the failure if it cannot. */
  encode(text: string, { bytes }: Block): FileErrorCode | undefined {
    if (text.includes("\0")) return "invalid";
    const { read, written } = utf8.encodeInto(text, bytes.subarray(0, PATH_MAX - 1));
    if (read < text.length) return "name-too-long";
    bytes[written] = 0;
    return undefined;
  }

  /** Copies `count` received bytes to `to` at `at`. */
  copyIncoming(count: number, to: Uint8Array, at: number): void {
    to.set(this.machine.incoming.bytes.subarray(0, count), at);
  }

  /** Returns the failure of a call, if it failed. @param result the call's result, negative if it failed */
  code(result: number): FileErrorCode | undefined {
    return result < 0 ? this.failure(result) : undefined;
  }

  /** Returns the failure of a failed call. @param result the call's result */
  failure(result: number): FileErrorCode {
    return fileErrorCode(this.machine.os.errno, -result);
  }
}
