import type { IpAddress } from "../contract.ts";
import { ipOf, withoutMapping } from "../ip.ts";
import { decodeAddress } from "./address.ts";
import type { Block } from "./ffi.ts";
import type { NetContext } from "./net-context.ts";
import type { Functions, lookupSymbols } from "./symbols.ts";

/** Size of struct addrinfo, and the offset of its `ai_next`; `ai_addr`'s differs from OS to OS. */
const ADDRINFO = 48;
const AI_NEXT = 40;

/** Hints of getaddrinfo(3) at `at`: any family, stream sockets (so that each address comes once). */
export function writeHints(view: DataView, at: number, context: NetContext): void {
  view.setInt32(at, 0, true);
  view.setInt32(at + 4, context.os.constants.AF_UNSPEC, true);
  view.setInt32(at + 8, context.os.constants.SOCK_STREAM, true);
}

/** Reads lists that getaddrinfo(3) made, and frees them. */
export class AddrinfoReader {
  readonly #context: NetContext;
  readonly #libc: Functions<typeof lookupSymbols>;
  readonly #node: Block;

  constructor(context: NetContext, libc: Functions<typeof lookupSymbols>) {
    this.#context = context;
    this.#libc = libc;
    this.#node = context.sys.allocate(ADDRINFO);
  }

  /** The addresses of the list at `head`, each once, in its order. */
  take(head: bigint): IpAddress[] {
    const { ffi, sockaddr, os } = this.#context;
    const { view, pointer } = this.#node;
    const found = new Map<string, IpAddress>();
    for (let next = head; next !== 0n; next = view.getBigUint64(AI_NEXT, true)) {
      this.#libc.memcpy(pointer, ffi.pointer(next), ADDRINFO);
      const length = Math.min(view.getUint32(16, true), sockaddr.bytes.length);
      this.#libc.memcpy(sockaddr.pointer, ffi.pointer(view.getBigUint64(os.addrinfoAddress, true)), length);
      const address = decodeAddress(sockaddr.view, os);
      if (address !== undefined) {
        const ip = withoutMapping(ipOf(address));
        found.set(ip.val.join(), ip);
      }
    }
    this.free(head);
    return [...found.values()];
  }

  free(head: bigint): void {
    if (head !== 0n) this.#libc.freeaddrinfo(this.#context.ffi.pointer(head));
  }
}
