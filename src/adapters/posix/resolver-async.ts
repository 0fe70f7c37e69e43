import { type ErrorCode, type IpAddress, type LookupHandle, type Net, Source } from "../contract.ts";
import { type AddrinfoReader, writeHints } from "./addrinfo.ts";
import type { Block } from "./ffi.ts";
import type { NetContext } from "./net-context.ts";
import type { asyncLookupSymbols, Functions } from "./symbols.ts";

// <netdb.h>, <signal.h>
const GAI_NOWAIT = 1;
const EAI_INPROGRESS = -100;
const SIGEV_THREAD = 2;

// One block a request. struct gaicb { ar_name, ar_service, ar_request, ar_result, __return } stands first, for its address is
// the request's; then the list of one that getaddrinfo_a takes; struct sigevent { value, signo, notify, function, attributes };
// struct addrinfo as hints; the name.
const GAICB_NAME = 0;
const GAICB_REQUEST = 16;
const GAICB_RESULT = 24;
const LIST = 56;
const SIGEVENT = 64;
const SIGEVENT_NOTIFY = SIGEVENT + 12;
const SIGEVENT_FUNCTION = SIGEVENT + 16;
const HINTS = 128;
const NAME = 176;
const REQUEST = 512;

/**
 * getaddrinfo_a(3), glibc's own getaddrinfo on threads of its own. The kernel tells this thread when the answer is in: each
 * request has a pipe, and the notification that glibc runs on its thread when a request is done is close(2) itself, given the
 * pipe's writing end. The reading end then hangs up, which any selector reports. No worker of the runtime is needed, none has
 * to be started, bundled or ended, and nothing keeps the process from its exit.
 */
export class AsyncResolver implements Pick<Net, "lookup"> {
  readonly #context: NetContext;
  readonly #reader: AddrinfoReader;
  readonly #libc: Functions<typeof asyncLookupSymbols>;
  readonly #closeFunction: bigint;
  readonly #pipe: Block;
  readonly #free: Block[] = [];
  /** Requests that were closed before their answer: glibc still writes into them. */
  #abandoned: Block[] = [];

  constructor(context: NetContext, reader: AddrinfoReader, libc: Functions<typeof asyncLookupSymbols>) {
    this.#context = context;
    this.#reader = reader;
    this.#libc = libc;
    this.#pipe = context.sys.allocate(8);
    const name = context.sys.allocate(8);
    new TextEncoder().encodeInto("close", name.bytes);
    this.#closeFunction = context.ffi.address(libc.dlsym(context.ffi.null, name.pointer));
  }

  lookup(name: string): LookupHandle | ErrorCode {
    if (name.length >= REQUEST - NAME) return "name-unresolvable";
    const { sys, codes, ffi } = this.#context;
    const pipe = sys.pipe(this.#pipe);
    if (pipe < 0) return codes.of(pipe);
    const reading = this.#pipe.view.getInt32(0, true);
    const writing = this.#pipe.view.getInt32(4, true);
    const request = this.#allocate();
    const base = this.#write(request, name, writing);
    const list = ffi.pointer(base + BigInt(LIST));
    if (this.#libc.getaddrinfo_a(GAI_NOWAIT, list, 1, ffi.pointer(base + BigInt(SIGEVENT))) !== 0) {
      // No memory or no thread for it now (EAI_AGAIN, EAI_MEMORY).
      sys.close(reading);
      sys.close(writing);
      this.#free.push(request);
      return "temporary-resolver-failure";
    }
    return new AsyncLookup(this, request, reading);
  }

  /** Answers and ends a request: `would-block` while it is under way. */
  take(request: Block): readonly IpAddress[] | ErrorCode {
    const error = this.#libc.gai_error(request.pointer);
    if (error === EAI_INPROGRESS) return "would-block";
    this.#free.push(request);
    const result = request.view.getBigUint64(GAICB_RESULT, true);
    return error === 0 ? this.#reader.take(result) : "name-unresolvable";
  }

  abandon(request: Block): void {
    this.#abandoned.push(request);
  }

  closePipe(reading: number): void {
    this.#context.sys.close(reading);
  }

  /** Fills a request and answers its address. */
  #write(request: Block, name: string, writing: number): bigint {
    const { ffi } = this.#context;
    const { view, bytes } = request;
    const base = ffi.address(request.pointer);
    bytes.fill(0);
    view.setBigUint64(GAICB_NAME, base + BigInt(NAME), true);
    view.setBigUint64(GAICB_REQUEST, base + BigInt(HINTS), true);
    view.setBigUint64(LIST, base, true);
    view.setInt32(SIGEVENT, writing, true);
    view.setInt32(SIGEVENT_NOTIFY, SIGEV_THREAD, true);
    view.setBigUint64(SIGEVENT_FUNCTION, this.#closeFunction, true);
    writeHints(view, HINTS, this.#context);
    new TextEncoder().encodeInto(name, bytes.subarray(NAME));
    return base;
  }

  #allocate(): Block {
    this.#abandoned = this.#abandoned.filter((request) => this.take(request) === "would-block");
    return this.#free.pop() ?? this.#context.sys.allocate(REQUEST);
  }
}

class AsyncLookup implements LookupHandle {
  readonly source: Source;
  readonly #resolver: AsyncResolver;
  readonly #request: Block;
  #answer: readonly IpAddress[] | ErrorCode = "would-block";

  constructor(resolver: AsyncResolver, request: Block, reading: number) {
    this.source = new Source(reading);
    this.#resolver = resolver;
    this.#request = request;
  }

  addresses(): readonly IpAddress[] | ErrorCode {
    if (this.#answer === "would-block") this.#answer = this.#resolver.take(this.#request);
    return this.#answer;
  }

  close(): void {
    if (this.#answer === "would-block") this.#resolver.abandon(this.#request);
    this.#resolver.closePipe(this.source.id);
  }
}
