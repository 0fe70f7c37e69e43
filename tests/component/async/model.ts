/**
 * What the built-ins of component model async answer, told again for a test: handles, sets, streams and futures of numbers, calls of
 * the host's, and the host's ends of streams. Written after CanonicalABI.md, and for clarity alone: nothing of it is Pollux's.
 */
import {
  type Answer,
  busy,
  Call,
  End,
  engine,
  type HostEnd,
  host,
  inSet,
  ModelTrap,
  payloads,
  type Shared,
  Waitable,
  WaitSet,
} from "./model-entries.ts";
import { BLOCKED } from "./words.ts";

const [COMPLETED, DROPPED, CANCELLED] = [0, 1, 2];
const [STARTED, RETURNED, CANCELLED_CALL] = [1, 2, 4];
const MAX_COUNT = 2 ** 28 - 1;

export class Model {
  readonly memory = new Uint8Array(131072);
  readonly #view = new DataView(this.memory.buffer);
  readonly #table: (WaitSet | Waitable | undefined)[] = [undefined];
  readonly #free: number[] = [];
  readonly #slots = [0, 0];
  #pressure = 0;
  /** Calls and ends of the host's that wait, by their numbers; and the one that may go on when the host is looked at. */
  readonly #jobs = new Map<number, Call | HostEnd>();
  #ready: number | undefined;
  #jobCount = 0;

  get live(): number {
    return this.#table.length - 1 - this.#free.length;
  }

  /** What the host's things are told. */
  readonly heard: string[] = [];

  /** Indices by what is there. */
  indices(kind: "set" | "call" | "end" | "any", of?: string, way?: "read" | "write"): number[] {
    return [...this.#table.keys()].filter((index) => {
      const entry = this.#table[index];
      if (entry === undefined) return false;
      switch (kind) {
        case "set":
          return entry instanceof WaitSet;
        case "call":
          return entry instanceof Call;
        case "end":
          return entry instanceof End && entry.of === of && entry.way === way;
        default:
          return true;
      }
    });
  }

  /** Whether a stream is the host's own. */
  isHosts(index: number): boolean {
    const entry = this.#table[index];
    return entry instanceof End && entry.shared.producer !== undefined;
  }

  #add(entry: WaitSet | Waitable): number {
    const index = this.#free.pop() ?? this.#table.length;
    this.#table[index] = entry;
    if (entry instanceof Waitable) entry.index = index;
    return index;
  }

  #remove(index: number): void {
    const entry = this.#table[index];
    if (entry instanceof Waitable) entry.join(undefined);
    this.#table[index] = undefined;
    this.#free.push(index);
  }

  #entry(index: number): WaitSet | Waitable {
    return this.#table[index] ?? host(`unknown handle index ${index}`);
  }

  #set(index: number, words = "handle is not an waitable-set"): WaitSet {
    const entry = this.#entry(index);
    return entry instanceof WaitSet ? entry : host(words);
  }

  #waitable(index: number): Waitable {
    const entry = this.#entry(index);
    return entry instanceof Waitable ? entry : host("handle is not a waitable");
  }

  #call(index: number): Call {
    const entry = this.#entry(index);
    return entry instanceof Call ? entry : host("handle is not a subtask");
  }

  #end(index: number, of: string): End {
    const entry = this.#entry(index);
    const { kind } = payloads[of]!;
    if (!(entry instanceof End) || entry.payload.kind !== kind) return host(`handle is not a ${kind}`);
    return entry.of === of ? entry : host(`handle is a ${kind} of a different type`);
  }

  /** Does what a built-in of that name does. Returns what it returns, in numbers of 32 bits. */
  call(name: string, args: readonly number[]): readonly number[] {
    const [first = 0, second = 0, third = 0] = args;
    switch (name) {
      case "set.new":
        return [this.#add(new WaitSet())];
      case "set.poll":
        return [this.#poll(this.#set(first), second)];
      case "set.drop":
        if (this.#set(first, "handle is not a waitable-set").members > 0) host("resource has children");
        this.#remove(first);
        return [0];
      case "join":
        this.#waitable(first).join(second === 0 ? undefined : this.#set(second));
        return [0];
      case "subtask.cancel":
      case "subtask.cancel-async":
        return [this.#cancelCall(this.#call(first))];
      case "subtask.drop": {
        this.#waitable(first);
        if (!this.#call(first).told) engine("cannot drop a subtask which has not yet resolved");
        this.#remove(first);
        return [0];
      }
      case "get.0":
      case "get.1":
        return [this.#slots[Number(name.at(-1))]!];
      case "set.0":
      case "set.1":
        this.#slots[Number(name.at(-1))] = first;
        return [0];
      case "pressure.inc":
        this.#pressure++;
        return [0];
      case "pressure.dec":
        if (this.#pressure === 0) engine("backpressure counter overflow");
        this.#pressure--;
        return [0];
      case "task.cancel":
        return engine("`task.cancel` called by task which has not been cancelled");
      case "return":
        return engine("invalid `task.return` signature and/or options for current task");
      case "yield":
        return [0];
      case "store":
        this.#view.setUint32(first, second, true);
        return [0];
      case "load":
        return [this.#view.getUint32(first, true)];
      case "later":
        return [this.#begin(first, second)];
      case "open":
        return [this.#open()];
      case "give":
        this.#give(this.#end(first, "bytes"));
        return [0];
      default:
        return this.#ends(name, first, second, third);
    }
  }

  #poll(set: WaitSet, ptr: number): number {
    if (ptr % 4 !== 0) host("pointer not aligned");
    if (ptr + 8 > this.memory.length) host("pointer out of bounds");
    if (set.events.length === 0) this.#look();
    const [waitable] = set.events;
    this.#view.setUint32(ptr, waitable?.index ?? 0, true);
    this.#view.setUint32(ptr + 4, waitable?.take() ?? 0, true);
    return waitable?.code ?? 0;
  }

  #begin(value: number, out: number): number {
    if (value % 2 === 0) {
      this.#view.setUint32(out, value, true);
      return RETURNED;
    }
    const job = this.#jobCount++;
    const call = new Call(out, job);
    this.#jobs.set(job, call);
    return STARTED | (this.#add(call) << 4);
  }

  #cancelCall(call: Call): number {
    if (call.told) engine("`subtask.cancel` called after terminal status delivered");
    if (call.set !== undefined) engine(inSet);
    if (call.state === STARTED) {
      call.state = CANCELLED_CALL;
      this.#forget(call.job);
      this.heard.push(`cancelled ${call.job}`);
    }
    return call.take();
  }

  #forget(job: number): void {
    this.#jobs.delete(job);
    if (this.#ready === job) this.#ready = undefined;
  }

  /** Jobs of the host's that somebody waits for. */
  waiting(): number[] {
    if (this.#ready !== undefined) return [];
    return [...this.#jobs]
      .filter(([, job]) => job instanceof Call || job.parked !== undefined)
      .map(([number]) => number);
  }

  /** From now on it may go on, when the host is looked at. */
  finish(job: number): void {
    this.#ready = job;
  }

  get unseen(): boolean {
    return this.#ready !== undefined;
  }

  #look(): void {
    if (this.#ready === undefined) return;
    const job = this.#jobs.get(this.#ready);
    this.#ready = undefined;
    if (job instanceof Call) {
      this.#jobs.delete(job.job);
      this.#view.setUint32(job.out, job.job, true);
      job.state = RETURNED;
      job.notify();
    } else if (job?.parked !== undefined) {
      const end = job.parked;
      job.parked = undefined;
      this.#attempt(job, end);
    }
  }

  /** What the host's next end is to answer. */
  nextAnswers: Answer[] = [];

  #hostEnd(): HostEnd {
    const job = this.#jobCount++;
    const end: HostEnd = {
      answers: [...this.nextAnswers],
      closed: false,
      hopeful: true,
      waited: false,
      parked: undefined,
      job,
      next: 1,
    };
    this.#jobs.set(job, end);
    return end;
  }

  #open(): number {
    const producer = this.#hostEnd();
    const shared: Shared = { dropped: false, waiting: undefined, producer, consumer: undefined };
    return this.#add(new End("bytes", "read", shared));
  }

  #give(end: End): void {
    if (end.way !== "read") host("handle is not a readable end of a stream");
    if (end.copying) host("cannot remove busy stream");
    if (end.done) host("cannot lift stream after being notified that the writable end dropped");
    if (end.set !== undefined) host("cannot lift stream while it's in a waitable set");
    this.#remove(end.index);
    const { shared } = end;
    const consumer = this.#hostEnd();
    // the host gives back what it made itself
    if (shared.producer !== undefined) this.#dropReadable(shared);
    else if (shared.dropped) this.heard.push(`end ${consumer.job}`);
    else {
      shared.consumer = consumer;
      const { waiting } = shared;
      shared.waiting = undefined;
      if (waiting !== undefined) this.#attempt(consumer, waiting);
    }
  }

  #ends(name: string, index: number, ptr: number, count: number): readonly number[] {
    const [of = "", operation = ""] = name.split(".");
    const { kind } = payloads[of]!;
    switch (operation) {
      case "new": {
        const shared: Shared = { dropped: false, waiting: undefined, producer: undefined, consumer: undefined };
        const readable = this.#add(new End(of, "read", shared));
        return [readable, this.#add(new End(of, "write", shared))];
      }
      case "read":
      case "write":
      case "read-sync":
      case "write-sync": {
        const end = this.#end(index, of);
        if (end.way !== operation.split("-")[0]) engine(busy);
        return [this.#copy(end, ptr, kind === "future" ? 1 : count, operation.endsWith("sync"))];
      }
      case "cancel-read":
      case "cancel-write":
      case "cancel-read-async":
      case "cancel-write-async": {
        const way = operation.split("-")[1]!;
        const end = this.#end(index, of);
        if (end.way !== way) host(`passed ${end.way} end to \`{stream|future}.cancel-${way}\``);
        return [this.#cancelCopy(end, !operation.endsWith("async"))];
      }
      default: {
        const way = operation === "drop-readable" ? "read" : "write";
        const end = this.#end(index, of);
        if (end.way !== way)
          host(
            way === "read"
              ? `handle is not a readable end of a ${kind}`
              : `passed read end to \`${kind}.drop-writable\``,
          );
        this.#drop(end);
        return [0];
      }
    }
  }

  #copy(end: End, ptr: number, count: number, waits: boolean): number {
    const { kind, size } = end.payload;
    if (count > MAX_COUNT) engine("stream read/write count too large");
    if (waits && end.set !== undefined) engine(inSet);
    if (end.copying) engine(busy);
    if (end.done) {
      if (kind === "stream" || end.result === DROPPED)
        host(
          `cannot ${end.way} after being notified that the ${end.way === "read" ? "writable" : "readable"} end dropped`,
        );
      host(
        end.way === "read"
          ? "cannot read from future after previous read succeeded"
          : "cannot write to future after previous write succeeded or readable end dropped",
      );
    }
    if (count * size > 0) {
      if (ptr + count * size > this.memory.length) host("read pointer out of bounds of memory");
      if (ptr % size !== 0) host(`${end.way} pointer not aligned`);
    }
    // a wait inside that might never end is no matter for this model
    if (waits) throw new ModelTrap("host", "skipped");
    end.copying = true;
    end.completed = false;
    Object.assign(end, { ptr, length: count, progress: 0 });
    this.#meet(end);
    if (!end.completed) return BLOCKED;
    end.settle();
    return end.finish() >>> 0;
  }

  #meet(end: End): void {
    const { shared } = end;
    const own = end.way === "read" ? shared.producer : shared.consumer;
    if (own !== undefined) {
      if (own.closed) end.complete(DROPPED);
      else if ((end.way === "write" || own.hopeful) && (end.length > 0 || !own.waited)) this.#attempt(own, end);
      else this.#park(own, end);
      return;
    }
    if (shared.dropped) {
      end.complete(DROPPED);
      return;
    }
    const { waiting } = shared;
    if (waiting === undefined) {
      shared.waiting = end;
      return;
    }
    const rest = waiting.length - waiting.progress;
    if (rest > 0) {
      if (end.length > 0) {
        const [from, to] = end.way === "read" ? [waiting, end] : [end, waiting];
        this.#transfer(from, to, Math.min(rest, end.length));
        waiting.complete(COMPLETED);
      }
      end.complete(COMPLETED);
      if (end.payload.kind === "future") shared.waiting = undefined;
    } else if (end.way === "write" && end.length === 0 && waiting.length === 0) end.complete(COMPLETED);
    else {
      waiting.complete(COMPLETED);
      shared.waiting = end;
    }
  }

  #transfer(from: End, to: End, count: number): void {
    const { size } = from.payload;
    const source = from.ptr + from.progress * size;
    this.memory.copyWithin(to.ptr + to.progress * size, source, source + count * size);
    from.progress += count;
    to.progress += count;
  }

  #park(own: HostEnd, end: End): void {
    own.waited = true;
    own.parked = end;
  }

  /** The host's end does something with the guest's. */
  #attempt(own: HostEnd, end: End): void {
    const rest = end.length - end.progress;
    own.waited = false;
    if (rest === 0) {
      own.hopeful = true;
      end.complete(COMPLETED);
      return;
    }
    const answer = own.answers.shift() ?? "closed";
    if (answer === "would-block") {
      this.#park(own, end);
      return;
    }
    if (answer === "closed") {
      own.closed = true;
      this.#jobs.delete(own.job);
      end.complete(DROPPED);
      return;
    }
    const most = end.way === "read" ? Math.min(rest, 16) : rest;
    const count = Math.min(answer, most);
    if (end.way === "read") for (let i = 0; i < count; i++) this.memory[end.ptr + i] = own.next++;
    else
      this.heard.push(
        `${own.job}: ${[...this.memory.subarray(end.ptr + end.progress, end.ptr + end.progress + count)]}`,
      );
    end.progress += count;
    own.hopeful = count === most;
    end.complete(COMPLETED);
  }

  #cancelCopy(end: End, waits: boolean): number {
    if (!end.copying) host(`stream or future ${end.way} cancelled when no ${end.way} is pending`);
    if (waits && end.set !== undefined) engine(inSet);
    const { shared } = end;
    if (!end.completed) {
      end.result = CANCELLED;
      const own = end.way === "read" ? shared.producer : shared.consumer;
      if (own !== undefined) {
        own.parked = undefined;
        if (this.#ready === own.job) this.#ready = undefined;
      }
    } else if (end.payload.kind === "stream" && end.result === COMPLETED) end.result = CANCELLED;
    return end.take();
  }

  #drop(end: End): void {
    const { kind } = end.payload;
    if (end.copying) host(`cannot ${end.way === "read" ? "remove" : "drop"} busy ${kind}`);
    if (kind === "future" && end.way === "write" && !end.done)
      host("cannot drop future write end without first writing a value");
    this.#remove(end.index);
    const { shared } = end;
    if (end.way === "read") this.#dropReadable(shared);
    else if (shared.consumer !== undefined) {
      if (!shared.consumer.closed) this.heard.push(`end ${shared.consumer.job}`);
      this.#jobs.delete(shared.consumer.job);
    } else if (kind === "stream") this.#gone(shared);
  }

  #dropReadable(shared: Shared): void {
    if (shared.producer === undefined) {
      this.#gone(shared);
      return;
    }
    if (!shared.producer.closed) this.heard.push(`drop ${shared.producer.job}`);
    this.#jobs.delete(shared.producer.job);
  }

  #gone(shared: Shared): void {
    shared.dropped = true;
    const { waiting } = shared;
    shared.waiting = undefined;
    waiting?.complete(DROPPED);
  }
}
