/** A guest of the test's own: an instance that passes every call on to wasip1, with its memory at hand. */
import assert from "node:assert/strict";
import { OpenFiles } from "../../../src/core/files/open-files.ts";
import { BlockingPoll } from "../../../src/core/wait/poll.ts";
import type { Machine } from "../../../src/machine/machine.ts";
import type { TcpHandle } from "../../../src/machine/sockets.ts";
import { eventtype } from "../../../src/wasi/p1/abi/constants.ts";
import { event, iovec, preview1Layout } from "../../../src/wasi/p1/abi/layout.ts";
import type { Preview1Memory } from "../../../src/wasi/p1/abi/memory.ts";
import { openPreview1, type Preview1Options } from "../../../src/wasi/p1/imports.ts";
import { forwarder, type WasiVersion } from "./hostile.ts";

/** Where things stand in its memory, which has four pages. */
const RESULT = 16;
/** Where `poll` puts its list. */
export const SUBSCRIPTIONS = 1024;
/** Behind room for 2,000 subscriptions. */
const EVENTS = 131072;
const ROFLAGS = 24;
/** Vectors, and the bytes that they name. */
const IOVEC = 64;
const BYTES = 512;
/** Room for a struct. */
export const STRUCT = 256;

const modules: Readonly<Record<WasiVersion, WebAssembly.Module>> = {
  wasi_snapshot_preview1: new WebAssembly.Module(await forwarder()),
  wasi_unstable: new WebAssembly.Module(await forwarder("wasi_unstable")),
};

const { subscription } = preview1Layout;

/** What poll_oneoff is asked for. */
export type Subscription = { readonly userdata: bigint } & (
  | { readonly tag: number; readonly fd: number }
  | { readonly clock: number; readonly timeout: bigint; readonly flags: number }
);

/** What it says. */
export interface Event {
  readonly userdata: bigint;
  readonly error: number;
  readonly type: number;
  readonly nbytes: bigint;
  readonly flags: number;
}

export class Instance {
  readonly memory: Preview1Memory;
  readonly #exports: WebAssembly.Exports;

  constructor(
    machine: Machine,
    listeners: readonly TcpHandle[],
    options: Partial<Preview1Options> = {},
    version: WasiVersion = "wasi_snapshot_preview1",
  ) {
    const { modules: imports, memory } = openPreview1(machine, new BlockingPoll(machine), {
      args: [],
      env: [],
      stdin: false,
      stdout: false,
      stderr: false,
      listeners,
      preopens: [],
      openFiles: new OpenFiles(),
      unstable: true,
      ...options,
    })();
    const { exports } = new WebAssembly.Instance(modules[version], imports);
    assert.ok(exports["memory"] instanceof WebAssembly.Memory);
    exports["memory"].grow(3);
    memory.attach(exports["memory"]);
    this.memory = memory;
    this.#exports = exports;
  }

  /** Answers the errno. */
  call(name: string, ...args: readonly (number | bigint)[]): number {
    return (this.#exports[name] as (...args: readonly (number | bigint)[]) => number)(...args);
  }

  /** The result of a call that puts it where its last argument says. */
  result(name: string, ...args: readonly (number | bigint)[]): number {
    assert.equal(this.call(name, ...args, RESULT), 0, name);
    return this.memory.view.getUint32(RESULT, true);
  }

  /** Reads or writes, with the bytes that lie in its memory: of each vector so many, one vector's behind those of another. */
  transfer(
    name: string,
    fd: number,
    ...lengths: readonly number[]
  ): { readonly failure: number; readonly count: number } {
    const { view } = this.memory;
    let at = BYTES;
    lengths.forEach((length, i) => {
      view.setUint32(IOVEC + i * iovec.size + iovec.buf, at, true);
      view.setUint32(IOVEC + i * iovec.size + iovec.bufLen, length, true);
      at += length;
    });
    view.setUint32(RESULT, 0, true);
    const more = { fd_pread: [0n], fd_pwrite: [0n], sock_recv: [0], sock_send: [0] }[name] ?? [];
    const after = name === "sock_recv" ? [ROFLAGS] : [];
    const failure = this.call(name, fd, IOVEC, lengths.length, ...more, RESULT, ...after);
    return { failure, count: view.getUint32(RESULT, true) };
  }

  /** Puts a name of ASCII into its memory, and answers where. */
  store(name: string): number {
    this.memory.write(BYTES, new TextEncoder().encode(name));
    return BYTES;
  }

  /** Opens a file of a directory. */
  open(directory: number, name: string, rights: bigint): number {
    return this.result("path_open", directory, 0, this.store(name), name.length, 0, rights, 0n, 0);
  }

  /** The guest's clock, ns. */
  time(clock: number): bigint {
    this.result("clock_time_get", clock, 0n);
    return this.memory.view.getBigUint64(RESULT, true);
  }

  /** The events, or the errno. @param events Where they are put */
  poll(list: readonly Subscription[], events = EVENTS): readonly Event[] | number {
    for (const [i, each] of list.entries()) this.#subscribe(SUBSCRIPTIONS + i * subscription.size, each);
    const failure = this.call("poll_oneoff", SUBSCRIPTIONS, events, list.length, RESULT);
    if (failure !== 0) return failure;
    const { view } = this.memory;
    return Array.from({ length: view.getUint32(RESULT, true) }, (_, i) => {
      const at = events + i * event.size;
      return {
        userdata: view.getBigUint64(at + event.userdata, true),
        error: view.getUint16(at + event.error, true),
        type: view.getUint8(at + event.type),
        nbytes: view.getBigUint64(at + event.nbytes, true),
        flags: view.getUint16(at + event.flags, true),
      };
    });
  }

  /** Of these descriptors, those that can be read. */
  readable(...fds: readonly number[]): readonly number[] {
    const events = this.poll(fds.map((fd) => ({ userdata: BigInt(fd), tag: eventtype.fdRead, fd })));
    assert.ok(typeof events !== "number", `errno ${String(events)}`);
    return events.map(({ userdata }) => Number(userdata));
  }

  #subscribe(at: number, given: Subscription): void {
    const { bytes, view } = this.memory;
    bytes.fill(0, at, at + subscription.size);
    view.setBigUint64(at + subscription.userdata, given.userdata, true);
    if ("fd" in given) {
      view.setUint8(at + subscription.tag, given.tag);
      view.setUint32(at + subscription.fd, given.fd, true);
      return;
    }
    view.setUint8(at + subscription.tag, eventtype.clock);
    view.setUint32(at + subscription.clockId, given.clock, true);
    view.setBigUint64(at + subscription.timeout, given.timeout, true);
    view.setUint16(at + subscription.clockFlags, given.flags, true);
  }
}
