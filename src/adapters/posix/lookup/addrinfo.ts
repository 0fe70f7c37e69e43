import type { IpAddress } from "../../../machine/address.ts";
import { ipOf, withoutMapping } from "../../../machine/ip.ts";
import type { PosixContext } from "../libc/context.ts";
import type { Block } from "../libc/ffi.ts";
import type { Os } from "../libc/os.ts";
import type { Functions, lookupSymbols } from "../libc/symbols.ts";
import { decodeAddress, SOCKADDR_IN6 } from "../net/address.ts";

/** The size of struct addrinfo, and the offset of its `ai_next`; that of `ai_addr` differs between OSes. */
const ADDRINFO = 48;
const AI_NEXT = 40;

/** Writes the hints for getaddrinfo(3) at `at`: any family, stream sockets (so that each address comes once). */
export function writeHints(view: DataView, at: number, { constants }: Os): void {
  view.setInt32(at, 0, true);
  view.setInt32(at + 4, constants.AF_UNSPEC, true);
  view.setInt32(at + 8, constants.SOCK_STREAM, true);
}

/** The parts of the context that outlive a machine. */
export type ProcessContext = Pick<PosixContext, "ffi" | "os" | "sys">;

/** Reads lists that getaddrinfo(3) made, and frees them. */
export class AddrinfoReader {
  readonly libc: Functions<typeof lookupSymbols>;
  readonly #context: ProcessContext;
  readonly #node: Block;
  readonly #sockaddr: Block;

  constructor(context: ProcessContext, libc: Functions<typeof lookupSymbols>) {
    this.#context = context;
    this.libc = libc;
    this.#node = context.sys.allocate(ADDRINFO);
    this.#sockaddr = context.sys.allocate(SOCKADDR_IN6);
  }

  /** Returns the addresses of the list at `head`, each once, in the list's order, and frees it. */
  take(head: bigint): IpAddress[] {
    const { ffi, os } = this.#context;
    const sockaddr = this.#sockaddr;
    const { view, pointer } = this.#node;
    const found = new Map<string, IpAddress>();
    for (let next = head; next !== 0n; next = view.getBigUint64(AI_NEXT, true)) {
      this.libc.memcpy(pointer, ffi.pointer(next), ADDRINFO);
      const length = Math.min(view.getUint32(16, true), sockaddr.bytes.length);
      this.libc.memcpy(sockaddr.pointer, ffi.pointer(view.getBigUint64(os.addrinfoAddress, true)), length);
      const address = decodeAddress(sockaddr.view, os);
      if (address !== undefined) {
        const ip = withoutMapping(ipOf(address));
        found.set(ip.val.join(), ip);
      }
    }
    if (head !== 0n) this.libc.freeaddrinfo(ffi.pointer(head));
    return [...found.values()];
  }
}
