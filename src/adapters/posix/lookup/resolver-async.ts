import type { IpAddress } from "../../../machine/address.ts";
import type { ErrorCode } from "../../../machine/error-code.ts";
import { READABLE, Source } from "../../../machine/selector.ts";
import type { LookupHandle, Net } from "../../../machine/sockets.ts";
import { LookupQueue, type Queued } from "../../process/lookup-queue.ts";
import type { Block } from "../libc/ffi.ts";
import type { NetContext } from "../net/net-context.ts";
import { type Asker, type Getaddrinfo, MAX_NAME } from "./getaddrinfo.ts";

/** The look-ups of one machine. */
export class AsyncResolver implements Pick<Net, "lookup"> {
  readonly context: NetContext;
  readonly libc: Getaddrinfo;
  readonly queue: LookupQueue<AsyncLookup>;
  /** The reading ends of those that were closed and go on. */
  readonly abandoned = new Set<Source>();
  readonly #pipe: Block;

  constructor(context: NetContext, libc: Getaddrinfo) {
    this.context = context;
    this.libc = libc;
    this.queue = new LookupQueue(libc.threads);
    this.#pipe = context.allocate(8);
    context.onClose(() => {
      for (const { id } of this.abandoned) context.sys.close(id);
      this.abandoned.clear();
    });
  }

  lookup(name: string): LookupHandle | ErrorCode {
    if (name.length >= MAX_NAME) return "name-unresolvable";
    const { sys, codes } = this.context;
    const pipe = sys.pipe(this.#pipe);
    if (pipe < 0) return codes.of(pipe);
    const { view } = this.#pipe;
    const lookup = new AsyncLookup(this, name, view.getInt32(0, true), view.getInt32(4, true));
    this.libc.collect();
    this.queue.add(lookup);
    return lookup;
  }

  /**
   * From now on the end of a look-up, which hangs its pipe up, ends every wait of the guest's, whatever that waits for: the next
   * one may begin then.
   */
  watch(source: Source): void {
    source.unasked = () => this.libc.collect();
    this.context.selector.setInterest(source, READABLE);
  }
}

class AsyncLookup implements LookupHandle, Queued, Asker {
  readonly source: Source;
  readonly #resolver: AsyncResolver;
  readonly #name: string;
  readonly #writing: number;
  #answer: readonly IpAddress[] | ErrorCode = "would-block";
  /** What the reading end is once nobody waits for the answer. */
  #abandoned: Source | undefined;

  constructor(resolver: AsyncResolver, name: string, reading: number, writing: number) {
    this.source = new Source(reading);
    this.source.shared = true;
    this.#resolver = resolver;
    this.#name = name;
    this.#writing = writing;
  }

  start(): boolean {
    const { context, libc } = this.#resolver;
    if (libc.begin(this, this.#name, this.#writing)) {
      this.#resolver.watch(this.source);
      return true;
    }
    this.#answer = "temporary-resolver-failure";
    context.sys.close(this.#writing);
    return false;
  }

  answered(answer: readonly IpAddress[] | ErrorCode): void {
    const { context, queue, abandoned } = this.#resolver;
    this.#answer = answer;
    if (this.#abandoned !== undefined && abandoned.delete(this.#abandoned)) {
      context.selector.forget(this.#abandoned);
      context.sys.close(this.#abandoned.id);
    }
    queue.ended();
  }

  addresses(): readonly IpAddress[] | ErrorCode {
    if (this.#answer === "would-block") this.#resolver.libc.collect();
    return this.#answer;
  }

  /** What a thread is at goes on: its end is waited for, not its answer. */
  close(): void {
    const { context, libc, queue, abandoned } = this.#resolver;
    const unanswered = this.#answer === "would-block";
    const underWay = !queue.remove(this) && unanswered;
    if (underWay && !libc.cancel(this)) {
      this.#abandoned = new Source(this.source.id);
      abandoned.add(this.#abandoned);
      this.#resolver.watch(this.#abandoned);
      return;
    }
    context.sys.close(this.source.id);
    if (unanswered) context.sys.close(this.#writing);
    if (underWay) queue.ended();
  }
}
