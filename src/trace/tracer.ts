import { payloadOf } from "../component/abi/trampolines.ts";
import type { HostCall, Import } from "../component/link/observe.ts";
import { isPending } from "../component/streams.ts";
import type { ValType } from "../component/types/types.ts";
import type { Blocking } from "../core/wait/poll.ts";
import type { RequestAbout, RequestEnd, RequestObserver } from "../run/options.ts";
import type { Call, Format, Outcome, TracedHead } from "./call.ts";
import { type Decode, decoder, type NameResource } from "./decode.ts";
import type { Filter } from "./filter.ts";
import { shortInstance } from "./formats.ts";
import { Handles } from "./handles.ts";
import type { Shown } from "./shown.ts";

/**
 * Writes a guest's calls. Values are decoded by their types, when an import is linked: no function is known by name.
 */
export class Tracer {
  readonly #format: Format;
  readonly #filter: Filter;
  readonly #write: (text: string) => void;
  readonly #now: () => number;
  readonly #begun: number;
  readonly #handles = new Handles();
  #requests = 0;
  /** The current call, if it may wait, and whether its wait was written. */
  #pending: { readonly call: Call; waits: boolean } | undefined;

  /** @param now returns the time in ms */
  constructor(format: Format, filter: Filter, write: (text: string) => void, now = () => performance.now()) {
    this.#format = format;
    this.#filter = filter;
    this.#write = write;
    this.#now = now;
    this.#begun = now();
  }

  /**
   * Returns the call wrapped so that it is traced.
   *
   * @param of returns the request that a call is made for, by its first argument; the call is then in that request's
   * lane
   */
  observe(about: Import, call: HostCall, of?: (first: unknown) => TracedHead | undefined): HostCall {
    const { instance, name, type, resultBuffer, mayWait, nameOf } = about;
    const short = shortInstance(instance);
    if (!this.#filter.shows([short, short.split("/")[0]!])) return call;
    const nameResource: NameResource = (resource, id) => this.#handles.name(resource, nameOf(id) ?? "resource");
    const decode = (shown: ValType) => decoder(shown, nameResource);
    const params = type.params.map(
      (param) => [param.name, argument(param.type, decode, resultBuffer !== undefined)] as const,
    );
    const { ok, err } = type.result?.kind === "result" ? type.result : { ok: type.result, err: undefined };
    const shapes = { ok: ok && result(ok, decode, resultBuffer), err: err && decode(err) };
    const isMethod = type.params[0]?.name === "self";
    return (...given) => {
      const rest: unknown[] = [...given];
      const request = of?.(given[0]);
      const own = this.#handles.enter(isMethod ? given[0] : undefined);
      const args = Object.fromEntries(params.map(([param, take]) => [param, take(rest)]));
      const where = request === undefined ? { lane: own } : { lane: request.lane, request: request.number };
      const begun: Call = { instance, name, args, ...where, mayWait, start: this.now };
      return this.run(begun, () => call(...given), {
        ok: (value) => {
          this.#handles.enter(isMethod ? given[0] : undefined);
          return shapes.ok?.(value as never);
        },
        err: (error) => (type.result?.kind === "result" ? (shapes.err?.(payloadOf(error) as never) ?? "") : undefined),
      });
    };
  }

  /** Begins tracing a request to a server. */
  request({ method, path }: RequestAbout): TracedRequest {
    const number = ++this.#requests;
    const lane = this.#handles.open(`request ${number}`);
    const begun = { number, method, path, lane, start: this.now };
    return new TracedRequest(this.#format, this.#write, () => this.now, begun);
  }

  /**
   * Makes the call and writes it. `shapes` return what to show of its result or error; `err` returns undefined for an
   * error that the function's type does not have.
   */
  run(
    call: Call,
    make: () => unknown,
    shapes: { ok(value: unknown): Shown | undefined; err(error: unknown): Shown | undefined },
  ): unknown {
    if (call.mayWait && this.#format.begin !== undefined) this.#write(this.#format.begin(call));
    const pending = { call, waits: false };
    if (call.mayWait) this.#pending = pending;
    const end = (outcome: Outcome) => {
      if (this.#pending === pending) this.#pending = undefined;
      this.#write(this.#format.end(call, outcome, this.#now() - this.#begun - call.start, pending.waits));
    };
    const returned = (value: unknown) => {
      end({ kind: "ok", value: shapes.ok(value) });
      return value;
    };
    const thrown = (error: unknown): never => {
      end(failure(error, shapes.err));
      throw error;
    };
    let value: unknown;
    try {
      value = make();
    } catch (error) {
      return thrown(error);
    }
    if (!isPending(value)) return returned(value);
    return value instanceof Promise
      ? value.then(returned, thrown)
      : waited(value, returned, thrown, () => end({ kind: "end", message: "cancelled" }));
  }

  /** Records that the current call is about to wait. */
  waits(): void {
    const pending = this.#pending;
    if (pending === undefined || pending.waits || this.#format.wait === undefined) return;
    pending.waits = true;
    this.#write(this.#format.wait(pending.call));
  }

  get now(): number {
    return this.#now() - this.#begun;
  }

  shows(names: readonly string[]): boolean {
    return this.#filter.shows(names);
  }
}

/** Traces a request to a server: writes when an instance gets it, and when it is over. */
export class TracedRequest implements RequestObserver {
  readonly #format: Format;
  readonly #write: (text: string) => void;
  readonly #now: () => number;
  readonly #about: Omit<TracedHead, "instance">;
  #head: TracedHead | undefined;

  constructor(format: Format, write: (text: string) => void, now: () => number, about: Omit<TracedHead, "instance">) {
    this.#format = format;
    this.#write = write;
    this.#now = now;
    this.#about = about;
  }

  /** Undefined until an instance gets the request. */
  get head(): TracedHead | undefined {
    return this.#head;
  }

  begins(instance: number): void {
    this.#head = { ...this.#about, instance };
    this.#write(this.#format.beginRequest(this.#head));
  }

  ends(status: number | undefined, how: RequestEnd): void {
    if (this.#head === undefined) return;
    const end = { status, complete: how === "complete", duration: this.#now() - this.#head.start };
    this.#write(this.#format.endRequest(this.#head, end));
  }
}

/** Traces a call that continues as a generator, to its end; a guest may cancel it. */
function* waited(
  steps: Blocking<unknown>,
  returned: (value: unknown) => unknown,
  thrown: (error: unknown) => never,
  cancelled: () => void,
): Blocking<unknown> {
  let over = false;
  try {
    const value = yield* steps;
    over = true;
    return returned(value);
  } catch (error) {
    over = true;
    return thrown(error);
  } finally {
    if (!over) cancelled();
  }
}

/** Takes one parameter's arguments off the front of a list. */
function argument(type: ValType, decode: (type: ValType) => Decode, unboxed: boolean): (rest: unknown[]) => Shown {
  const shown = decode(type);
  if (!unboxed || !isBytes(type)) return (rest) => shown(rest.shift() as never);
  return (rest) => {
    const [memory, start, end] = rest.splice(0, 3) as [Uint8Array, number, number];
    return shown(memory.subarray(start, end) as never);
  };
}

function result(type: ValType, decode: (type: ValType) => Decode, buffer: DataView | undefined): Decode {
  const shown = decode(type);
  if (buffer === undefined || !isBytes(type)) return shown;
  return (value: number | Uint8Array) =>
    shown((typeof value === "number" ? new Uint8Array(buffer.buffer, buffer.byteOffset, value) : value) as never);
}

function failure(error: unknown, err: (error: unknown) => Shown | undefined): Outcome {
  try {
    const value = err(error);
    if (value !== undefined) return { kind: "err", value };
  } catch (thrown) {
    // payloadOf rethrows an error that is not one of the function's result.
    if (thrown !== error) throw thrown;
  }
  return { kind: "end", message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
}

function isBytes(type: ValType): boolean {
  return type.kind === "list" && type.element.kind === "u8";
}
