import { NameLookup } from "../../../core/sockets/name-lookup.ts";
import type { SocketContext } from "../../../core/sockets/socket-context.ts";
import type { IpAddress } from "../../../machine/address.ts";
import type { ErrorCode } from "../../../machine/error-code.ts";
import { Pollable } from "../io/pollable.ts";
import { WasiResource } from "../io/resource.ts";

/** `wasi:sockets/ip-name-lookup.resolve-address-stream` */
export class ResolveAddressStream extends WasiResource {
  readonly #cx: SocketContext;
  readonly #lookup: NameLookup;
  #next = 0;

  constructor(cx: SocketContext, lookup: NameLookup) {
    super();
    this.#cx = cx;
    this.#lookup = lookup;
  }

  static resolve(cx: SocketContext, name: string): ResolveAddressStream | ErrorCode {
    const lookup = NameLookup.start(cx, name);
    return typeof lookup === "string" ? lookup : new ResolveAddressStream(cx, lookup);
  }

  /** Returns the next address, undefined after the last. A failure is returned every time. */
  resolveNextAddress(): IpAddress | undefined | ErrorCode {
    const addresses = this.#lookup.addresses();
    return typeof addresses === "string" ? addresses : addresses[this.#next++];
  }

  subscribe(): Pollable {
    return new Pollable(this.#lookup.readiness, this.#cx.poll.now(), this);
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#lookup.close();
  }
}
