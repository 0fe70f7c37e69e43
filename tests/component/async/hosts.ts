/** A host's ends of streams, which do what a test says, for guests that have `$open` and `$give` (guest.ts). */
import type { HostImports } from "../../../src/component/host.ts";
import type { ByteConsumer, ByteProducer, ReadableBytes } from "../../../src/component/streams.ts";
import { Condition } from "../../../src/core/wait/condition.ts";
import { type CoreFuncs, call, type Host } from "./guest.ts";

/** What the host logs: that it was told of the end of a stream, that its stream was dropped. */
export const [ENDED, GIVEN_UP] = [1001, 1002];

export type Answer = number | "would-block" | "closed";

/** Holds some time after it was asked for. */
export function passing({ machine }: Host): { readonly condition: Condition; begin(): void } {
  const condition = Condition.timer(0);
  return { condition, begin: () => condition.retime(machine.now() + 1e5) };
}

/** Does at each call what is next of `answers`; where it would block it is ready a little later. */
abstract class Scripted {
  readonly readiness: Condition;
  protected readonly log: (n: number) => void;
  protected readonly answers: Answer[];
  readonly #begin: () => void;

  constructor(host: Host, log: (n: number) => void, ...answers: Answer[]) {
    const { condition, begin } = passing(host);
    this.readiness = condition;
    this.#begin = begin;
    this.answers = answers;
    this.log = log;
  }

  /** Returns the next answer, or `otherwise` when there are no more. */
  protected next(otherwise: Answer): Answer {
    const answer = this.answers.shift() ?? otherwise;
    if (answer === "would-block") this.#begin();
    return answer;
  }
}

/** Produces so many bytes at each call, of those that count up from 1. */
class Source extends Scripted implements ByteProducer {
  readonly buffer = new Uint8Array(16);
  #next = 1;

  produce(max: number): Answer {
    return this.fill(this.buffer, 0, max);
  }

  protected fill(bytes: Uint8Array, start: number, max: number): Answer {
    const answer = this.next("closed");
    if (typeof answer !== "number") return answer;
    const count = Math.min(answer, max);
    for (let i = 0; i < count; i++) bytes[start + i] = this.#next++;
    if (count < answer) this.answers.unshift(answer - count);
    return count;
  }

  drop(): void {
    this.log(GIVEN_UP);
  }
}

/** The same straight into the guest's memory. */
class StraightSource extends Source {
  produceInto(bytes: Uint8Array, start: number, end: number): Answer {
    return this.fill(bytes, start, end - start);
  }
}

/** Consumes so many bytes at each call, all when it has no more to say, and logs each. */
class Sink extends Scripted implements ByteConsumer {
  consume(bytes: Uint8Array, start: number, end: number): Answer {
    const answer = this.next(end - start);
    if (typeof answer !== "number") return answer;
    const count = Math.min(answer, end - start);
    for (const byte of bytes.subarray(start, start + count)) this.log(byte);
    return count;
  }

  end(): void {
    this.log(ENDED);
  }
}

export const funcs: CoreFuncs = {
  open: ["(result i32)", "lower (func $open)"],
  give: ["(param i32)", "lower (func $give)"],
};
export const parts = {
  imports: '(import "open" (func $open (result $bytes))) (import "give" (func $give (param "bytes" $bytes)))',
  funcs,
};

export function given(source: readonly Answer[], sink: readonly Answer[] = [], straight = false) {
  const Opened = straight ? StraightSource : Source;
  return (host: Host, log: (n: number) => void): HostImports =>
    ({
      open: () => new Opened(host, log, ...source),
      give: (bytes: ReadableBytes) => bytes.pipe(new Sink(host, log, ...sink)),
    }) as HostImports;
}

export const open = `(local.set $r ${call("open")})`;
