/** What `--stats` counts beside times. Stands between a guest and its imports, and between the core and its machine. */

import type { HostCall, Import, Observe } from "../../component/link/observe.ts";
import { isPending } from "../../component/streams.ts";
import type { Blocking } from "../../core/wait/poll.ts";
import { andThen } from "../../core/wait/waiting.ts";
import type { ErrorCode } from "../../machine/error-code.ts";
import type { DirectoryHandle, FileErrorCode, FileHandle, IoError } from "../../machine/files.ts";
import type { Machine, SuspendingMachine } from "../../machine/machine.ts";
import type { TcpHandle, UdpHandle } from "../../machine/sockets.ts";
import type { ByteSink, ByteSource } from "../../machine/streams.ts";
import type { Observers, RequestObserver } from "../../run/options.ts";
import type { Preview1Imports } from "../../wasi/p1/imports.ts";
import { wrapFunctions } from "../../wasi/p1/wrap-functions.ts";
import type { Numbers, Slot } from "./stats-numbers.ts";

/** Bytes that came in and went out. */
interface Carried {
  readonly in: Slot;
  readonly out: Slot;
}

export class Meter implements Observers {
  readonly #numbers: Numbers;
  /** Looks at the kernel, and ms spent in those that could wait. */
  readonly #polls: Slot;
  readonly #waited: Slot;
  /** When the wait under way began, ms; 0: there is none. */
  readonly #waitsSince: Slot;
  /** Resources of the host's that the guest held at once; of a core module descriptors. */
  readonly #handles: Slot;

  constructor(numbers: Numbers) {
    this.#numbers = numbers;
    this.#polls = numbers.slot("polls");
    this.#waited = numbers.slot("waited");
    this.#waitsSince = numbers.slot("waits since");
    this.#handles = numbers.slot("handles");
  }

  readonly component = this.#observer();

  /** What an instance holds is gone with it. */
  readonly served = (): Observe => this.#observer();

  /** What a server has is told of, even if there is none. */
  serves(): void {
    for (const name of ["connections", "requests"]) this.#numbers.slot(name);
  }

  readonly request = (): RequestObserver => {
    this.#numbers.slot("requests").value++;
    return {
      begins: (_instance, first) => {
        this.#numbers.slot(first ? "instances made" : "instances reused").value++;
      },
      ends: (status, how) => {
        const what = status === undefined ? "none" : `${Math.floor(status / 100)}xx`;
        this.#numbers.slot(`responses ${what}`).value++;
        if (how === "left" && status !== undefined) this.#numbers.slot("responses broken off").value++;
      },
    };
  };

  readonly connected = (): void => {
    this.#numbers.slot("connections").value++;
  };

  #observer(): Observe {
    const held = new Set<unknown>();
    return ({ instance, name, type }: Import, call: HostCall): HostCall => {
      const calls = this.#calls(instance.replace(/@.*/s, ""));
      if (name.startsWith("[resource-drop]")) {
        return (...args) => {
          held.delete(args[0]);
          return call(...args);
        };
      }
      const owns = type.result?.info.owns === true;
      return (...args) => {
        calls.value++;
        const value = call(...args);
        if (!owns) return value;
        if (isPending(value))
          return value instanceof Promise ? value.then((later) => this.#hold(held, later)) : this.#later(held, value);
        return this.#hold(held, value);
      };
    };
  }

  readonly module = (made: Preview1Imports): Preview1Imports => {
    this.#atMost(made.fds.count);
    return wrapFunctions(made, (call, _name, module) => {
      const calls = this.#calls(module);
      return (...args) => {
        calls.value++;
        return andThen(call(...args), (result) => {
          this.#atMost(made.fds.count);
          return result;
        });
      };
    });
  };

  /** Counts what goes through it from now on. */
  machine({ selector, net, stdio, files }: Machine | SuspendingMachine): void {
    const select = selector.select.bind(selector);
    selector.select = (timeout) => {
      this.#polls.value++;
      if (timeout === 0) return select(0);
      this.#waits();
      const fired = select(timeout);
      this.#waitIsOver();
      return fired;
    };
    if ("wait" in selector) {
      const wait = selector.wait.bind(selector);
      selector.wait = async (timeout) => {
        this.#waits();
        await wait(timeout);
        this.#waitIsOver();
      };
    }
    const [sockets, stored, own] = [this.#carried("sockets"), this.#carried("files"), this.#carried("stdio")];
    const createTcpSocket = net.createTcpSocket.bind(net);
    const createUdpSocket = net.createUdpSocket.bind(net);
    const adoptListener = net.adoptListener.bind(net);
    net.createTcpSocket = (family) => measureTcp(createTcpSocket(family), sockets);
    net.createUdpSocket = (family) => measureUdp(createUdpSocket(family), sockets);
    net.adoptListener = (fd) => measureTcp(adoptListener(fd), sockets);
    const listenUnix = net.listenUnix?.bind(net);
    if (listenUnix !== undefined)
      net.listenUnix = (path, backlog) => measureListener(listenUnix(path, backlog), sockets);
    measureSource(stdio.stdin, own);
    measureSink(stdio.stdout, own);
    measureSink(stdio.stderr, own);
    const openDirectory = files.openDirectory.bind(files);
    files.openDirectory = (path) => measureFile(openDirectory(path), stored);
  }

  #waits(): void {
    this.#waitsSince.value = performance.now();
  }

  #waitIsOver(): void {
    this.#waited.value += performance.now() - this.#waitsSince.value;
    this.#waitsSince.value = 0;
  }

  /** Of the guest's, by interface without its version. */
  #calls(instance: string): Slot {
    return this.#numbers.slot(`calls ${instance}`);
  }

  #carried(what: string): Carried {
    return { in: this.#numbers.slot(`bytes in ${what}`), out: this.#numbers.slot(`bytes out ${what}`) };
  }

  *#later(held: Set<unknown>, steps: Blocking<unknown>): Blocking<unknown> {
    return this.#hold(held, yield* steps);
  }

  /** The resources in a result: objects of classes, alone, in tuples, in lists. */
  #hold<T>(held: Set<unknown>, value: T): T {
    if (Array.isArray(value)) for (const part of value) this.#hold(held, part);
    else if (typeof value === "object" && value !== null && Symbol.dispose in value) {
      held.add(value);
      this.#atMost(held.size);
    }
    return value;
  }

  #atMost(held: number): void {
    this.#handles.value = Math.max(this.#handles.value, held);
  }
}

/** A call that answers how many bytes it has moved, or why it has moved none. */
function counted<Args extends readonly unknown[], Result>(move: (...args: Args) => Result, moved: Slot) {
  return (...args: Args): Result => {
    const count = move(...args);
    if (typeof count === "number") moved.value += count;
    return count;
  };
}

function measureSource(source: ByteSource, carried: Carried): void {
  source.receive = counted(source.receive.bind(source), carried.in);
}

function measureSink(sink: ByteSink, carried: Carried): void {
  sink.send = counted(sink.send.bind(sink), carried.out);
}

function measureTcp<T extends TcpHandle | ErrorCode>(handle: T, carried: Carried): T {
  if (typeof handle === "string") return handle;
  measureSource(handle, carried);
  measureSink(handle, carried);
  const accept = handle.accept.bind(handle);
  handle.accept = () => measureTcp(accept(), carried);
  return handle;
}

function measureListener(opened: TcpHandle | ErrorCode | IoError, carried: Carried): TcpHandle | ErrorCode | IoError {
  return typeof opened === "string" || "errno" in opened ? opened : measureTcp(opened, carried);
}

function measureUdp(handle: UdpHandle | ErrorCode, carried: Carried): UdpHandle | ErrorCode {
  if (typeof handle === "string") return handle;
  const receive = handle.receive.bind(handle);
  const send = handle.send.bind(handle);
  handle.receive = () => {
    const count = receive();
    if (typeof count === "number") carried.in.value += count;
    return count;
  };
  handle.send = (bytes, to) => {
    const failure = send(bytes, to);
    if (failure === undefined) carried.out.value += bytes.length;
    return failure;
  };
  return handle;
}

/** What was opened, and all that is opened in it. */
function measureFile<T extends DirectoryHandle | FileHandle | FileErrorCode | IoError>(opened: T, carried: Carried): T {
  if (typeof opened !== "object" || !("type" in opened)) return opened;
  if (opened.type === "directory") {
    const openAt = opened.openAt.bind(opened);
    opened.openAt = (path, options) => measureFile(openAt(path, options), carried);
    return opened;
  }
  const { stream } = opened;
  if (stream !== undefined) {
    measureSource(stream, carried);
    measureSink(stream, carried);
    stream.receiveInto = counted(stream.receiveInto.bind(stream), carried.in);
  }
  opened.read = counted(opened.read.bind(opened), carried.in);
  opened.readInto = counted(opened.readInto.bind(opened), carried.in);
  opened.write = counted(opened.write.bind(opened), carried.out);
  return opened;
}
