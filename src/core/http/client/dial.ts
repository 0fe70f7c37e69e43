import type { IpAddress, IpSocketAddress } from "../../../machine/address.ts";
import { formatIp, socketAddressOf } from "../../../machine/ip.ts";
import type { Machine } from "../../../machine/machine.ts";
import { READABLE, WRITABLE } from "../../../machine/selector.ts";
import type { TcpHandle } from "../../../machine/sockets.ts";
import type { NetworkPolicy } from "../../policy/network.ts";
import type { Background } from "../../wait/background.ts";
import type { Open, Poll } from "../../wait/poll.ts";
import type { Destination } from "../authority.ts";
import type { HttpErrorCode } from "../error-code.ts";
import { TcpTransport, type Transport } from "../transport.ts";
import type { TlsClient, TlsOutcome, TlsTransport } from "./tls.ts";

/** The parts of a guest's host that requests use. */
export interface HttpContext {
  readonly machine: Machine;
  readonly poll: Poll;
  readonly policy: NetworkPolicy;
  readonly tls: TlsClient | undefined;
}

const notFound: HttpErrorCode = { tag: "DNS-error", val: { rcode: "address not available", infoCode: undefined } };

/**
 * Makes a connection in the background: looks the name up and tries its addresses in the resolver's order until one answers. Each
 * address is checked before it is connected to.
 */
export class Dial {
  readonly #cx: HttpContext;
  readonly #destination: Destination | undefined;
  readonly #secure: boolean;
  readonly #done: (result: Transport | HttpErrorCode) => void;
  /** Tries the next address. */
  #tryNext: () => void = () => {};
  /** Whether the policy has allowed any address. */
  #allowed = false;
  /** The look-up or the connecting socket that is under way. */
  #open: Open | undefined;
  #securing: TlsTransport | undefined;
  #work: Background | undefined;

  /** @param done Called once with the outcome, unless the dial is cancelled. May be called before the constructor returns */
  constructor(
    cx: HttpContext,
    destination: Destination | undefined,
    secure: boolean,
    done: (result: Transport | HttpErrorCode) => void,
  ) {
    this.#cx = cx;
    this.#destination = destination;
    this.#secure = secure;
    this.#done = done;
  }

  start(): void {
    const destination = this.#destination;
    if (destination === undefined) this.#done(notFound);
    else if (destination.host.tag === "address") this.#tryAll(destination, [destination.host.address]);
    else this.#lookUp(destination, destination.host.name);
  }

  /** Makes one attempt of the background work. */
  attempt(): void {
    if (this.#work !== undefined) this.#cx.poll.tryAdvance(this.#work);
  }

  cancel(): void {
    this.#rest();
    if (this.#open !== undefined) this.#cx.poll.close(this.#open);
    this.#open = undefined;
    this.#securing?.close(false);
    this.#securing = undefined;
  }

  #lookUp(destination: Destination, name: string): void {
    const { machine, poll } = this.#cx;
    const lookup = machine.net.lookup(name);
    if (typeof lookup === "string") {
      this.#done(notFound);
      return;
    }
    poll.opened(lookup);
    this.#open = lookup;
    this.#wait(lookup.source, READABLE, () => {
      const answer = lookup.addresses();
      if (answer === "would-block") return false;
      this.#close();
      if (typeof answer === "string") this.#done(notFound);
      else this.#tryAll(destination, answer);
      return true;
    });
  }

  #tryAll(destination: Destination, addresses: readonly IpAddress[]): void {
    const left = [...addresses];
    this.#tryNext = () => this.#try(destination, left);
    this.#tryNext();
  }

  #try(destination: Destination, left: IpAddress[]): void {
    const { host, port } = destination;
    const name = host.tag === "domain" ? host.name : undefined;
    for (let address = left.shift(); address !== undefined; address = left.shift()) {
      const to = socketAddressOf(address, port);
      if (!this.#cx.policy.allowsRequestTo(name, to)) continue;
      this.#allowed = true;
      if (this.#secure ? this.#secureTo(address, port, name) : this.#connectTo(to)) return;
    }
    this.#done({ tag: this.#allowed ? "connection-refused" : "HTTP-request-denied" });
  }

  /** Connects to an address. Returns false if that failed at once. */
  #connectTo(to: IpSocketAddress): boolean {
    const { machine, poll } = this.#cx;
    const handle = machine.net.createTcpSocket(to.tag);
    if (typeof handle === "string") return false;
    poll.opened(handle);
    this.#open = handle;
    const outcome = handle.connect(to);
    if (outcome !== "would-block") return this.#connected(handle, outcome);
    this.#wait(handle.source, WRITABLE, () => {
      const now = handle.outcome();
      if (now === "would-block") return false;
      if (!this.#connected(handle, now)) this.#tryNext();
      return true;
    });
    return true;
  }

  #connected(handle: TcpHandle, error: string | undefined): boolean {
    if (error !== undefined) {
      this.#close();
      return false;
    }
    this.#open = undefined;
    this.#done(new TcpTransport(this.#cx.poll, handle));
    return true;
  }

  /** As `#connectTo`, with TLS. */
  #secureTo(ip: IpAddress, port: number, name: string | undefined): boolean {
    const { tls } = this.#cx;
    const address = formatIp(ip);
    const secured = (outcome: TlsOutcome) => {
      const transport = this.#securing;
      this.#securing = undefined;
      if (transport === undefined) return;
      if (outcome === "secured") {
        this.#done(transport);
        return;
      }
      transport.close(false);
      if (outcome === "insecure") this.#done({ tag: "TLS-protocol-error" });
      else this.#tryNext();
    };
    const transport = tls?.connect({ address, port, serverName: name ?? address }, secured);
    if (transport === undefined || typeof transport === "string") {
      this.#done({ tag: "internal-error", val: "TLS cannot be started" });
      return true;
    }
    this.#securing = transport;
    return true;
  }

  #wait(source: Background["source"], interest: number, advance: () => boolean): void {
    this.#work = { source, interest, advance };
    this.#cx.poll.begin(this.#work);
  }

  #rest(): void {
    if (this.#work !== undefined) this.#cx.poll.end(this.#work);
    this.#work = undefined;
  }

  #close(): void {
    this.#rest();
    if (this.#open !== undefined) this.#cx.poll.close(this.#open);
    this.#open = undefined;
  }
}
