import type { Background } from "../../core/wait/background.ts";
import type { Poll } from "../../core/wait/poll.ts";
import { type Source, WRITABLE } from "../../machine/selector.ts";
import type { ByteSink } from "../../machine/streams.ts";

/** The most bytes that wait to be written before guests have to wait. */
const MAX_PENDING_BYTES = 65_536;

const LF = 0x0a;

/** The process's stdout or stderr, shared by all instances of a service. */
export class LogStream {
  readonly #poll: Poll;
  readonly #sink: ByteSink;
  #queue: Uint8Array[] = [];
  #queued = 0;
  #draining: Background | undefined;

  /** @param poll the service's own, so that an instance's last lines are written after it is gone */
  constructor(poll: Poll, sink: ByteSink) {
    this.#poll = poll;
    this.#sink = sink;
  }

  get source(): Source | undefined {
    return this.#sink.source;
  }

  get full(): boolean {
    return this.#queued > MAX_PENDING_BYTES;
  }

  write(bytes: Uint8Array): void {
    this.#queue.push(bytes);
    this.#queued += bytes.length;
    const { source } = this.#sink;
    if (this.#draining !== undefined || this.#drain() || source === undefined) return;
    this.#draining = { source, interest: WRITABLE, advance: () => this.#drain() };
    this.#poll.begin(this.#draining);
  }

  /** Writes what it can. Returns whether nothing is left. Data that the sink refuses is lost. */
  #drain(): boolean {
    for (let bytes = this.#queue[0]; bytes !== undefined; bytes = this.#queue[0]) {
      const taken = this.#sink.send(bytes);
      if (taken === "would-block") return false;
      const sent = typeof taken === "number" ? taken : bytes.length;
      this.#queued -= sent;
      if (sent === bytes.length) this.#queue.shift();
      else this.#queue[0] = bytes.subarray(sent);
    }
    this.#draining = undefined;
    return true;
  }
}

/** One instance's output: each of its lines begins with a prefix. */
export class PrefixedSink implements ByteSink {
  readonly #log: LogStream;
  #prefix = new Uint8Array(0);
  #begins = true;

  constructor(log: LogStream) {
    this.#log = log;
  }

  /** Sets the prefix for another instance. */
  begin(prefix: string): void {
    this.#prefix = new TextEncoder().encode(prefix);
    this.#begins = true;
  }

  get source(): Source | undefined {
    return this.#log.source;
  }

  send(bytes: Uint8Array, start = 0, end = bytes.length): number | "would-block" {
    if (this.#log.full) return "would-block";
    for (let at = start; at < end; ) {
      const lf = bytes.subarray(at, end).indexOf(LF);
      const to = lf < 0 ? end : at + lf + 1;
      this.#line(bytes.subarray(at, to));
      this.#begins = lf >= 0;
      at = to;
    }
    return end - start;
  }

  #line(part: Uint8Array): void {
    const prefix = this.#begins ? this.#prefix : this.#prefix.subarray(0, 0);
    const line = new Uint8Array(prefix.length + part.length);
    line.set(prefix);
    line.set(part, prefix.length);
    this.#log.write(line);
  }
}
