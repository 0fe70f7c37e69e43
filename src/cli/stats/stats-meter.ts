/** What `--stats` counts beside times. Stands between a guest and its imports, and between the core and its machine. */

import type { HostCall, Import, Observe } from "../../component/link/observe.ts";
import { isPending } from "../../component/streams.ts";
import type { Blocking } from "../../core/wait/poll.ts";
import { andThen } from "../../core/wait/waiting.ts";
import type { ErrorCode } from "../../machine/error-code.ts";
import type { DirectoryHandle, FileHandle, FileStream, IoError } from "../../machine/files.ts";
import type { Machine } from "../../machine/machine.ts";
import type { Selector, SuspendingSelector } from "../../machine/selector.ts";
import type { TcpHandle, UdpHandle } from "../../machine/sockets.ts";
import type { ByteSink, ByteSource } from "../../machine/streams.ts";
import { unwrap, wrap } from "../../machine/wrap.ts";
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

  /** The same machine, whose waits and bytes are counted. */
  machine<M extends Machine>(machine: M): M {
    const { net, stdio, files } = machine;
    const [sockets, stored, own] = [this.#carried("sockets"), this.#carried("files"), this.#carried("stdio")];
    const listenUnix = net.listenUnix?.bind(net);
    const measured: Partial<Machine> = {
      selector: this.#selector(machine.selector),
      net: wrap(net, {
        createTcpSocket: (family) => measureTcp(net.createTcpSocket(family), sockets),
        createUdpSocket: (family) => measureUdp(net.createUdpSocket(family), sockets),
        adoptListener: (fd) => measureTcp(net.adoptListener(fd), sockets),
        ...(listenUnix && { listenUnix: (path, backlog) => measureListener(listenUnix(path, backlog), sockets) }),
      }),
      stdio: wrap(stdio, {
        stdin: measureSource(stdio.stdin, own),
        stdout: measureSink(stdio.stdout, own),
        stderr: measureSink(stdio.stderr, own),
      }),
      files: wrap(files, {
        openDirectory(path) {
          const opened = files.openDirectory(path);
          return "errno" in opened ? opened : measureDirectory(opened, stored);
        },
      }),
    };
    return wrap(machine, measured as Partial<M>);
  }

  #selector(selector: Selector | SuspendingSelector): Selector {
    const select: Selector["select"] = (timeout) => {
      this.#polls.value++;
      if (timeout === 0) return selector.select(0);
      this.#waits();
      const fired = selector.select(timeout);
      this.#waitIsOver();
      return fired;
    };
    if (!("wait" in selector)) return wrap(selector, { select });
    return wrap(selector, {
      select,
      wait: async (timeout) => {
        this.#waits();
        await selector.wait(timeout);
        this.#waitIsOver();
      },
    });
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

/** A call that returns how many bytes it has moved, or why it has moved none. */
function counted<Args extends readonly unknown[], Result>(move: (...args: Args) => Result, moved: Slot) {
  return (...args: Args): Result => {
    const count = move(...args);
    if (typeof count === "number") moved.value += count;
    return count;
  };
}

function receiving(source: Pick<ByteSource, "receive">, { in: received }: Carried): Pick<ByteSource, "receive"> {
  return { receive: counted((max) => source.receive(max), received) };
}

function sending(sink: Pick<ByteSink, "send">, { out }: Carried): Pick<ByteSink, "send"> {
  return { send: counted((bytes, start, end) => sink.send(bytes, start, end), out) };
}

function measureSource(source: ByteSource, carried: Carried): ByteSource {
  return wrap(source, receiving(source, carried));
}

function measureSink(sink: ByteSink, carried: Carried): ByteSink {
  return wrap(sink, sending(sink, carried));
}

function measureTcp(opened: TcpHandle | ErrorCode, carried: Carried): TcpHandle | ErrorCode {
  if (typeof opened === "string") return opened;
  return wrap(opened, {
    ...receiving(opened, carried),
    ...sending(opened, carried),
    accept: () => measureTcp(opened.accept(), carried),
  });
}

function measureListener(opened: TcpHandle | ErrorCode | IoError, carried: Carried): TcpHandle | ErrorCode | IoError {
  return typeof opened === "object" && "errno" in opened ? opened : measureTcp(opened, carried);
}

function measureUdp(opened: UdpHandle | ErrorCode, carried: Carried): UdpHandle | ErrorCode {
  if (typeof opened === "string") return opened;
  return wrap(opened, {
    receive: counted(() => opened.receive(), carried.in),
    send(bytes, to) {
      const failure = opened.send(bytes, to);
      if (failure === undefined) carried.out.value += bytes.length;
      return failure;
    },
  });
}

function measureDirectory(directory: DirectoryHandle, carried: Carried): DirectoryHandle {
  return wrap(directory, {
    openAt(path, options) {
      const opened = directory.openAt(path, options);
      if (typeof opened === "string") return opened;
      return opened.type === "directory" ? measureDirectory(opened, carried) : measureFile(opened, carried);
    },
    linkAt: (path, other, newPath) => directory.linkAt(path, unwrap(other), newPath),
    renameAt: (path, other, newPath) => directory.renameAt(path, unwrap(other), newPath),
  });
}

function measureFile(file: FileHandle, carried: Carried): FileHandle {
  const { stream } = file;
  return wrap(file, {
    stream: stream && measureStream(stream, carried),
    read: counted((max, offset) => file.read(max, offset), carried.in),
    readInto: counted((bytes, start, end, offset) => file.readInto(bytes, start, end, offset), carried.in),
    write: counted((bytes, start, end, offset) => file.write(bytes, start, end, offset), carried.out),
  });
}

function measureStream(stream: FileStream, carried: Carried): FileStream {
  return wrap(stream, {
    receive: counted((max) => stream.receive(max), carried.in),
    receiveInto: counted((bytes, start, end) => stream.receiveInto(bytes, start, end), carried.in),
    send: counted((bytes, start, end) => stream.send(bytes, start, end), carried.out),
  });
}
