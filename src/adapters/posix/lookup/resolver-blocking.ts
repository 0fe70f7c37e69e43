import type { IpAddress } from "../../../machine/address.ts";
import type { ErrorCode } from "../../../machine/error-code.ts";
import { Source } from "../../../machine/selector.ts";
import type { LookupHandle, Net } from "../../../machine/sockets.ts";
import type { Block } from "../libc/ffi.ts";
import { fdsOf } from "../libc/syscalls.ts";
import type { NetContext } from "../net/net-context.ts";
import { type AddrinfoReader, writeHints } from "./addrinfo.ts";

// One block: the pointer that getaddrinfo stores, struct addrinfo with the hints, the name.
const HINTS = 8;
const NAME = 56;
const REQUEST = 512;

/**
 * getaddrinfo(3) on the guest's own thread, for a libc without getaddrinfo_a (musl, macOS). The answer is there at
 * once.
 */
export class BlockingResolver implements Pick<Net, "lookup"> {
  readonly #context: NetContext;
  readonly #reader: AddrinfoReader;
  readonly #request: Block;
  readonly #pipe: Block;

  constructor(context: NetContext, reader: AddrinfoReader) {
    this.#context = context;
    this.#reader = reader;
    this.#request = context.allocate(REQUEST);
    this.#pipe = context.allocate(8);
    writeHints(this.#request.view, HINTS, context.os);
  }

  lookup(name: string): LookupHandle | ErrorCode {
    if (name.length >= REQUEST - NAME) return "name-unresolvable";
    const { sys, codes } = this.#context;
    // The hung-up end of a pipe is a source that is always ready.
    const pipe = sys.pipe(this.#pipe);
    if (pipe < 0) return codes.of(pipe);
    const [reading, writing] = fdsOf(this.#pipe);
    sys.close(writing);
    const answer = this.#resolve(name);
    return { source: new Source(reading), addresses: () => answer, close: () => void sys.close(reading) };
  }

  #resolve(name: string): readonly IpAddress[] | ErrorCode {
    const { ffi } = this.#context;
    const { pointer, view, bytes } = this.#request;
    const base = ffi.address(pointer);
    const { written } = new TextEncoder().encodeInto(name, bytes.subarray(NAME));
    bytes[NAME + written] = 0;
    const nameAt = ffi.pointer(base + BigInt(NAME));
    const failure = this.#reader.libc.getaddrinfo(nameAt, ffi.null, ffi.pointer(base + BigInt(HINTS)), pointer);
    return failure === 0 ? this.#reader.take(view.getBigUint64(0, true)) : "name-unresolvable";
  }
}
