import type { Descriptor as FileResource } from "../../../core/files/descriptor.ts";
import { Condition } from "../../../core/wait/condition.ts";
import type { Advice, NewTimestamp } from "../../../machine/files.ts";
import { fdflags } from "../abi/constants.ts";
import { errno, fileErrno, orFileErrno } from "../abi/errno.ts";
import type { Whence } from "../abi/layout.ts";
import { allRights, rights } from "../abi/rights.ts";
import { FileDescriptor, type Filestat } from "./descriptor.ts";
import { filestatOf, filetypes } from "./filestat.ts";

const U64_MAX = 0xffff_ffff_ffff_ffffn;

/**
 * A file that path_open opened, with the position that reads and writes advance. It never waits, whatever NONBLOCK
 * says.
 */
export class OpenedFile extends FileDescriptor {
  readonly filetype: number;
  readonly rightsBase: bigint;
  readonly readable: Condition = Condition.ready();
  readonly writable: Condition = Condition.ready();
  readonly #file: FileResource;
  #position = 0n;

  /** @param most the rights that it has if it can be read and written */
  constructor(file: FileResource, flags: number, most = allRights) {
    super();
    const { read, write } = file.flags;
    this.#file = file;
    this.filetype = filetypes[file.type];
    this.flags = flags;
    this.rightsBase = most & ~(read ? 0n : rights("fd_read", "fd_readdir")) & ~(write ? 0n : rights("fd_write"));
  }

  get rightsInheriting(): bigint {
    return this.rightsBase;
  }

  /** True at the end of the file, as in wasmtime. */
  override hungUp(reading: boolean): boolean {
    if (!reading) return false;
    const stat = this.#file.stat();
    return typeof stat !== "string" && stat.size <= this.#position;
  }

  override receive(max: number): number {
    const count = this.receiveAt(max, this.#position);
    if (count > 0) this.#position += BigInt(count);
    return count;
  }

  override receiveAt(max: number, offset: bigint): number {
    return orFileErrno(this.#file.read(max, offset));
  }

  override send(bytes: Uint8Array): number {
    const count = this.sendAt(bytes, this.#position);
    if (count <= 0) return count;
    const stat = (this.flags & fdflags.append) === 0 ? undefined : this.#file.stat();
    this.#position = typeof stat === "object" ? stat.size : this.#position + BigInt(count);
    return count;
  }

  /** As pwrite(2) on Linux: in append mode the offset is ignored. */
  override sendAt(bytes: Uint8Array, offset: bigint): number {
    return orFileErrno(this.#file.write(bytes, (this.flags & fdflags.append) === 0 ? offset : "end"));
  }

  override seek(offset: bigint, whence: Whence): bigint {
    let base = 0n;
    if (whence === "cur") base = this.#position;
    if (whence === "end") {
      const stat = this.#file.stat();
      if (typeof stat === "string") return BigInt(-fileErrno(stat));
      base = stat.size;
    }
    const position = base + offset;
    if (position < 0n || position > U64_MAX) return BigInt(-errno.EINVAL);
    this.#position = position;
    return position;
  }

  /** Only APPEND and NONBLOCK can be changed. */
  override setFlags(flags: number): number {
    if ((flags & ~(fdflags.append | fdflags.nonblock)) !== 0) return errno.EINVAL;
    this.flags = flags;
    return errno.ESUCCESS;
  }

  override filestat(): Filestat | number {
    return filestatOf(this.#file.stat(), this.#file.metadataHash());
  }

  override setSize(size: bigint): number {
    return fileErrno(this.#file.setSize(size));
  }

  override setTimes(atim: NewTimestamp, mtim: NewTimestamp): number {
    return fileErrno(this.#file.setTimes(atim, mtim));
  }

  override advise(offset: bigint, length: bigint, advice: Advice): number {
    return fileErrno(this.#file.advise(offset, length, advice));
  }

  override allocate(): number {
    return errno.ENOTSUP;
  }

  override sync(what: "data" | "all"): number {
    return fileErrno(this.#file.sync(what));
  }

  override close(): void {
    this.#file[Symbol.dispose]();
  }
}
