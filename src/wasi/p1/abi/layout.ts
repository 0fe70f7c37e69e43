/**
 * The structs of wasi_snapshot_preview1 in memory: offsets and sizes in bytes, little-endian, by the layout rules of
 * the witx (each field at a multiple of its size). Where wasi_unstable differs, `Layout` has both.
 */

export const iovec = { size: 8, align: 4, buf: 0, bufLen: 4 } as const;

export const fdstat = { size: 24, align: 8, filetype: 0, flags: 2, rightsBase: 8, rightsInheriting: 16 } as const;

export const prestat = { size: 8, align: 4, tag: 0, nameLength: 4 } as const;

/**
 * The header of a directory entry. In fd_readdir's buffer entries follow each other without padding, so it has no
 * alignment.
 */
export const dirent = { size: 24, next: 0, inode: 8, nameLength: 16, type: 20 } as const;

export const event = { size: 32, align: 8, userdata: 0, error: 8, type: 10, nbytes: 16, flags: 24 } as const;

export interface FilestatLayout {
  readonly size: number;
  readonly align: number;
  readonly dev: number;
  readonly ino: number;
  readonly filetype: number;
  readonly nlink: number;
  /** The size of `nlink`, bytes. */
  readonly nlinkSize: 4 | 8;
  readonly fileSize: number;
  readonly atim: number;
  readonly mtim: number;
  readonly ctim: number;
}

export interface SubscriptionLayout {
  readonly size: number;
  readonly align: number;
  readonly userdata: number;
  /** `eventtype`: whether the clock's fields or `fd` follow. */
  readonly tag: number;
  readonly clockId: number;
  readonly timeout: number;
  readonly clockFlags: number;
  readonly fd: number;
}

/** The parts that differ between the two versions of the interface. */
export interface Layout {
  /** The module name that guests import from. */
  readonly module: "wasi_snapshot_preview1" | "wasi_unstable";
  readonly filestat: FilestatLayout;
  readonly subscription: SubscriptionLayout;
  /** The cases of `whence`, by number. */
  readonly whence: readonly Whence[];
}

export type Whence = "set" | "cur" | "end";

export const preview1Layout: Layout = {
  module: "wasi_snapshot_preview1",
  filestat: {
    size: 64,
    align: 8,
    dev: 0,
    ino: 8,
    filetype: 16,
    nlink: 24,
    nlinkSize: 8,
    fileSize: 32,
    atim: 40,
    mtim: 48,
    ctim: 56,
  },
  subscription: { size: 48, align: 8, userdata: 0, tag: 8, clockId: 16, timeout: 24, clockFlags: 40, fd: 16 },
  whence: ["set", "cur", "end"],
};

/**
 * wasi_unstable: nlink has 32 bits, a clock's subscription has an identifier before the clock's id, and whence has
 * another order. It has no sock_accept.
 */
export const unstableLayout: Layout = {
  module: "wasi_unstable",
  filestat: {
    size: 56,
    align: 8,
    dev: 0,
    ino: 8,
    filetype: 16,
    nlink: 20,
    nlinkSize: 4,
    fileSize: 24,
    atim: 32,
    mtim: 40,
    ctim: 48,
  },
  subscription: { size: 56, align: 8, userdata: 0, tag: 8, clockId: 24, timeout: 32, clockFlags: 48, fd: 16 },
  whence: ["cur", "end", "set"],
};
