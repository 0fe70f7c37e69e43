import type { IpAddress } from "../../../machine/address.ts";
import type { ErrorCode } from "../../../machine/error-code.ts";
import { LookupThreads } from "../../process/lookup-queue.ts";
import type { Block } from "../libc/ffi.ts";
import type { asyncLookupSymbols, Functions } from "../libc/symbols.ts";
import { EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLLIN, type EpollCalls } from "../libc/syscalls.ts";
import { type AddrinfoReader, type ProcessContext, writeHints } from "./addrinfo.ts";
import { functionAddress, SIGEVENT, writeSigevent } from "./sigevent.ts";

/** The number of threads that glibc uses. */
const THREADS = 20;

// <netdb.h>
const GAI_NOWAIT = 1;
const EAI_INPROGRESS = -100;

// A request is one block. It begins with struct gaicb { ar_name, ar_service, ar_request, ar_result, __return }, whose
// address is the request's. Then follow: the list of one request that getaddrinfo_a takes, struct sigevent, struct
// addrinfo with the hints, and the name.
const GAICB_NAME = 0;
const GAICB_REQUEST = 16;
const GAICB_RESULT = 24;
const LIST = 56;
const NOTIFY = 64;
const HINTS = NOTIFY + SIGEVENT;
const NAME = 176;
const REQUEST = 512;

/** Names must be shorter than this, bytes. */
export const MAX_NAME = REQUEST - NAME;

/** The party that asks for a name's addresses. */
export interface Asker {
  /** The pipe that signals the answer. */
  readonly reading: number;
  readonly writing: number;
  answered(answer: readonly IpAddress[] | ErrorCode): void;
}

/**
 * getaddrinfo_a(3): glibc's own getaddrinfo, on threads of its own. Holds all requests of the process, including those
 * of closed machines: glibc writes into a request's block until the request is over.
 *
 * The kernel signals this thread when an answer is in. Each request has a pipe, and the notification that glibc runs on
 * its thread is close(2) itself, given the pipe's writing end. The reading end then hangs up, which any selector
 * reports. No worker of the runtime has to be started, bundled or ended, and nothing keeps the process from exiting.
 *
 * No request is ever cancelled: gai_cancel(3) leaks the 145 bytes that glibc keeps for one. A request that is no longer
 * wanted continues, and glibc never gets more requests than it has threads.
 */
export class Getaddrinfo {
  readonly threads = new LookupThreads(THREADS);
  readonly #context: ProcessContext;
  readonly #reader: AddrinfoReader;
  readonly #libc: Functions<typeof asyncLookupSymbols>;
  readonly #epoll: EpollCalls;
  readonly #event: Block;
  readonly #closeFunction: bigint;
  readonly #free: Block[] = [];
  readonly #underWay = new Map<Asker, Block>();
  #completionFd: number | undefined;

  constructor(
    context: ProcessContext,
    epoll: EpollCalls,
    reader: AddrinfoReader,
    libc: Functions<typeof asyncLookupSymbols>,
  ) {
    this.#context = context;
    this.#epoll = epoll;
    this.#event = context.sys.allocate(epoll.eventSize);
    this.#reader = reader;
    this.#libc = libc;
    this.#closeFunction = functionAddress(context.ffi, libc.dlsym, "close", context.sys.allocate(8));
  }

  /** The fd that is readable when any request in progress is over; a negated errno if it cannot be made now. */
  get completionFd(): number {
    if (this.#completionFd !== undefined) return this.#completionFd;
    const fd = this.#epoll.create();
    if (fd >= 0) this.#completionFd = fd;
    return fd;
  }

  /**
   * Starts the look-up of `name`. The asker's pipe hangs up when the answer is in. Returns false if there is no memory
   * or thread for it now.
   */
  begin(asker: Asker, name: string): boolean {
    const { ffi, sys } = this.#context;
    const request = this.#free.pop() ?? sys.allocate(REQUEST);
    const base = this.#write(request, name, asker.writing);
    const list = ffi.pointer(base + BigInt(LIST));
    const begun =
      this.#watch(EPOLL_CTL_ADD, asker) >= 0 &&
      this.#libc.getaddrinfo_a(GAI_NOWAIT, list, 1, ffi.pointer(base + BigInt(NOTIFY))) === 0;
    if (begun) this.#underWay.set(asker, request);
    else this.#free.push(request);
    return begun;
  }

  /** Passes the answers that are in to their askers. */
  collect(): void {
    for (const [asker, request] of this.#underWay) {
      const error = this.#libc.gai_error(request.pointer);
      if (error === EAI_INPROGRESS) continue;
      const result = request.view.getBigUint64(GAICB_RESULT, true);
      this.#underWay.delete(asker);
      this.#free.push(request);
      this.#watch(EPOLL_CTL_DEL, asker);
      asker.answered(error === 0 ? this.#reader.take(result) : "name-unresolvable");
    }
  }

  #watch(operation: number, { reading }: Asker): number {
    this.#event.view.setUint32(0, EPOLLIN, true);
    return this.#epoll.control(this.completionFd, operation, reading, this.#event.pointer);
  }

  /** Fills a request and returns its address. */
  #write(request: Block, name: string, writing: number): bigint {
    const { ffi, os } = this.#context;
    const { view, bytes } = request;
    const base = ffi.address(request.pointer);
    bytes.fill(0);
    view.setBigUint64(GAICB_NAME, base + BigInt(NAME), true);
    view.setBigUint64(GAICB_REQUEST, base + BigInt(HINTS), true);
    view.setBigUint64(LIST, base, true);
    writeSigevent(view, NOTIFY, writing, this.#closeFunction);
    writeHints(view, HINTS, os);
    new TextEncoder().encodeInto(name, bytes.subarray(NAME));
    return base;
  }
}
