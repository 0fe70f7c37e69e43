import type { IpAddress } from "../../../machine/address.ts";
import type { ErrorCode } from "../../../machine/error-code.ts";
import { READABLE, Source } from "../../../machine/selector.ts";
import type { LookupHandle, Net } from "../../../machine/sockets.ts";
import { LookupQueue, type Queued } from "../../process/lookup-queue.ts";
import type { Block } from "../libc/ffi.ts";
import { fdsOf } from "../libc/syscalls.ts";
import type { NetContext } from "../net/net-context.ts";
import { type Asker, type Getaddrinfo, MAX_NAME } from "./getaddrinfo.ts";

/** The look-ups of one machine. */
export class AsyncResolver implements Pick<Net, "lookup"> {
  readonly context: NetContext;
  readonly libc: Getaddrinfo;
  readonly queue: LookupQueue<AsyncLookup>;
  readonly #pipe: Block;
  #ends: Source | undefined;

  constructor(context: NetContext, libc: Getaddrinfo) {
    this.context = context;
    this.libc = libc;
    this.queue = new LookupQueue(libc.threads);
    this.#pipe = context.allocate(8);
  }

  lookup(name: string): LookupHandle | ErrorCode {
    if (name.length >= MAX_NAME) return "name-unresolvable";
    const { sys, codes, descriptors } = this.context;
    if (!descriptors.hasRoom) return "new-socket-limit";
    const { completionFd } = this.libc;
    if (completionFd < 0) return codes.of(completionFd);
    const pipe = sys.pipe(this.#pipe);
    if (pipe < 0) return codes.of(pipe);
    const [reading, writing] = fdsOf(this.#pipe);
    descriptors.opened(Math.max(reading, writing));
    const lookup = new AsyncLookup(this, name, reading, writing);
    this.libc.collect();
    this.queue.add(lookup);
    this.#watch(completionFd);
    return lookup;
  }

  /**
   * Makes the end of any look-up of the process end the guest's waits, while some of its look-ups wait for a thread:
   * the next one may then begin. The machines of the others may be closed, or not waiting.
   */
  #watch(ends: number): void {
    if (this.queue.empty) return;
    if (this.#ends === undefined) {
      this.#ends = new Source(ends);
      this.#ends.shared = true;
      this.#ends.onUnawaited = () => {
        this.libc.collect();
        this.#watch(ends);
      };
    }
    this.context.selector.setInterest(this.#ends, READABLE);
  }
}

class AsyncLookup implements LookupHandle, Queued, Asker {
  readonly source: Source;
  readonly writing: number;
  readonly #resolver: AsyncResolver;
  readonly #name: string;
  #answer: readonly IpAddress[] | ErrorCode = "would-block";
  #closed = false;

  constructor(resolver: AsyncResolver, name: string, reading: number, writing: number) {
    this.source = new Source(reading);
    // Outlives its look-up if that is dropped while in progress.
    this.source.shared = true;
    this.writing = writing;
    this.#resolver = resolver;
    this.#name = name;
  }

  get reading(): number {
    return this.source.id;
  }

  start(): boolean {
    const { context, libc } = this.#resolver;
    if (libc.begin(this, this.#name)) return true;
    this.#answer = "temporary-resolver-failure";
    context.sys.close(this.writing);
    return false;
  }

  answered(answer: readonly IpAddress[] | ErrorCode): void {
    const { context, queue } = this.#resolver;
    this.#answer = answer;
    if (this.#closed) context.sys.close(this.reading);
    queue.ended();
  }

  addresses(): readonly IpAddress[] | ErrorCode {
    if (this.#answer === "would-block") this.#resolver.libc.collect();
    return this.#answer;
  }

  /** A look-up in progress continues: its thread is free only when it ends. */
  close(): void {
    const { context, queue } = this.#resolver;
    this.#closed = true;
    const unanswered = this.#answer === "would-block";
    const waited = queue.remove(this);
    if (waited) context.sys.close(this.writing);
    if (waited || !unanswered) context.sys.close(this.reading);
  }
}
