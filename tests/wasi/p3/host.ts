/** What the tests of WASI 0.3 share: a guest's host on each kind of machine, and drivers for what the component model drives. */
import assert from "node:assert/strict";
import { after } from "node:test";
import type { HostFunction, HostImports } from "../../../src/component/host.ts";
import type { ByteConsumer, ByteProducer, ReadableBytes, ValueProducer } from "../../../src/component/streams.ts";
import { HostFuture } from "../../../src/component/streams.ts";
import { OpenFiles } from "../../../src/core/files/open-files.ts";
import { closedInputStream } from "../../../src/core/streams/input-stream.ts";
import { discardingOutputStream } from "../../../src/core/streams/output-stream.ts";
import type { Condition } from "../../../src/core/wait/condition.ts";
import { type Blocking, BlockingPoll, type Poll } from "../../../src/core/wait/poll.ts";
import { PollList } from "../../../src/core/wait/poll-list.ts";
import { SuspendingPoll } from "../../../src/core/wait/suspending-poll.ts";
import { createMachine, createSuspendingMachine } from "../../../src/library/machine.ts";
import type { Machine } from "../../../src/machine/machine.ts";
import type { WasiHost } from "../../../src/wasi/host.ts";
import type { StreamResult } from "../../../src/wasi/stream-result.ts";
import { p3 } from "../../../src/wasi/versions.ts";
import { inherit } from "../../core/sockets/sockets.ts";

/** A machine, and the strategy that a guest waits with on it. */
export interface Setting {
  readonly name: string;
  /** Whose sockets they are: the runtime's own lack some of what libc's have. */
  readonly net: "posix" | "evented";
  readonly machine: Machine;
  readonly poll: Poll;
}

/** Defines the same tests over every kind of machine and wait. What they leave open is closed in the end. */
export async function eachSetting(define: (setting: Setting) => void): Promise<void> {
  const settings: Setting[] = [];
  after(() => {
    for (const { machine, poll } of settings) {
      poll.closeAll();
      machine.selector.close();
    }
  });
  for (const selector of ["epoll", "poll"] as const) {
    const machine = await createMachine({ selector });
    settings.push({ name: `posix, ${selector}`, net: "posix", machine, poll: new BlockingPoll(machine) });
  }
  for (const net of ["posix", "evented"] as const) {
    const machine = await createSuspendingMachine(net);
    settings.push({ name: `${net}, suspending`, net, machine, poll: new SuspendingPoll(machine) });
  }
  for (const setting of settings) define(setting);
}

export function hostOf({ machine, poll }: Pick<Setting, "machine" | "poll">, given: Partial<WasiHost> = {}): WasiHost {
  return {
    machine,
    poll,
    policy: inherit,
    openFiles: new OpenFiles(),
    preopens: [],
    started: Math.floor(machine.now()),
    insecureSeed: undefined,
    args: [],
    env: [],
    cwd: undefined,
    config: undefined,
    stdin: closedInputStream,
    stdout: () => discardingOutputStream(poll),
    stderr: () => discardingOutputStream(poll),
    terminals: { stdin: false, stdout: false, stderr: false },
    maxRandomSize: 1024n,
    networkErrorCode: false,
    ...given,
  };
}

/** Functions by the names of their interface and their own. */
export type Call = (name: string, item: string, ...args: readonly unknown[]) => unknown;

export function callOf(imports: HostImports): Call {
  return (name, item, ...args) => {
    const instance = imports[p3(name)];
    assert.equal(typeof instance, "object", name);
    const func = (instance as Readonly<Record<string, unknown>>)[item] as HostFunction;
    assert.equal(typeof func, "function", `${name} ${item}`);
    return (func as (...args: readonly unknown[]) => unknown)(...args);
  };
}

function isBlocking(answer: unknown): answer is Blocking<unknown> {
  return typeof answer === "object" && answer !== null && Symbol.iterator in answer && "next" in answer;
}

/** What a call has answered, in its end: the result of an `async func`, of one that may wait. */
export async function settled<T>({ poll }: Pick<Setting, "poll">, answer: unknown): Promise<T> {
  return (await (isBlocking(answer) ? poll.run(answer) : answer)) as T;
}

/** Runs several at once, as tasks of one guest, and returns their results; the first that throws ends all. */
export async function together<const T extends readonly Blocking<unknown>[]>(
  { poll }: Pick<Setting, "poll">,
  ...tasks: T
): Promise<{ [I in keyof T]: T[I] extends Blocking<infer R> ? R : never }> {
  const results: unknown[] = [];
  const waiting = new Map<number, Condition>();
  const list = new PollList();
  const step = (index: number): void => {
    const next = tasks[index]!.next();
    if (next.done === true) results[index] = next.value;
    else waiting.set(index, next.value);
  };
  tasks.forEach((_, index) => {
    step(index);
  });
  while (waiting.size > 0) {
    const indices = [...waiting.keys()];
    list.resize(indices.length);
    indices.forEach((index, i) => {
      list.set(i, waiting.get(index)!);
    });
    const found = await poll.poll(list);
    for (const ready of [...list.ready.subarray(0, found)]) {
      waiting.delete(indices[ready]!);
      step(indices[ready]!);
    }
  }
  list.resize(0);
  return results as never;
}

/** Reads `length` bytes, each time at most `max`; or to the end, if they are not given. */
export function* read(producer: ByteProducer, length = Number.POSITIVE_INFINITY, max = 65536): Blocking<Uint8Array> {
  const all: number[] = [];
  while (all.length < length) {
    const count = producer.produce(Math.min(max, length - all.length, producer.buffer.length));
    if (count === "closed") break;
    if (count === "would-block") yield producer.readiness;
    else {
      assert.ok(count >= 1 && count <= max, `produced ${count}`);
      for (const byte of producer.buffer.subarray(0, count)) all.push(byte);
    }
  }
  return Uint8Array.from(all);
}

/** The next value of a stream; undefined: it has ended. */
export function* next<T>(producer: ValueProducer<T>): Blocking<T | undefined> {
  for (;;) {
    const values = producer.produce(1);
    if (values === "closed") return undefined;
    if (values !== "would-block") {
      assert.equal(values.length, 1);
      return values[0];
    }
    yield producer.readiness;
  }
}

/** A guest's stream: what it writes goes to whoever the host connects. */
export class Writer implements ReadableBytes {
  consumer: ByteConsumer | undefined;
  dropped = false;
  #closed = false;

  pipe(consumer: ByteConsumer): void {
    assert.equal(this.consumer, undefined);
    this.consumer = consumer;
  }

  drop(): void {
    this.dropped = true;
  }

  /** Returns how many bytes were taken before the reader has dropped its end. */
  *write(bytes: Uint8Array): Blocking<number> {
    // As a guest's: in the middle of a memory.
    const memory = new Uint8Array(bytes.length + 32);
    memory.set(bytes, 16);
    const { consumer } = this;
    assert.ok(consumer !== undefined && !this.#closed);
    for (let at = 16; at < 16 + bytes.length; ) {
      const count = consumer.consume(memory, at, 16 + bytes.length);
      if (count === "closed") {
        this.#closed = true;
        return at - 16;
      }
      if (count === "would-block") yield consumer.readiness;
      else {
        assert.ok(count >= 1 && count <= 16 + bytes.length - at, `took ${count}`);
        at += count;
      }
    }
    return bytes.length;
  }

  /** The guest drops its end. */
  end(): void {
    if (!this.#closed) this.consumer?.end();
    this.#closed = true;
  }
}

/** The value of a future that must be resolved by now. */
export function resolved<E>(future: HostFuture<StreamResult<E>>): StreamResult<E> {
  assert.ok(future instanceof HostFuture);
  let value: StreamResult<E> | undefined;
  future.read((end) => {
    value = end;
  });
  assert.ok(value !== undefined, "the future is not resolved");
  return value;
}

export const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
export const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
