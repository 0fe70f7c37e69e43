import type { ErrorCode } from "../contract.ts";
import type { ErrnoTable } from "./os.ts";

/** The one table from errno to `wasi:sockets/network.error-code`. What is not in it is `unknown`. */
const codes: Readonly<Record<Exclude<keyof ErrnoTable, "EPROTO" | "ENETRESET" | "EBADF">, ErrorCode>> = {
  EPERM: "access-denied",
  EACCES: "access-denied",
  EAGAIN: "would-block",
  EINTR: "would-block",
  EINPROGRESS: "would-block",
  EALREADY: "concurrency-conflict",
  EINVAL: "invalid-argument",
  ENOMEM: "out-of-memory",
  ENOBUFS: "out-of-memory",
  ENFILE: "new-socket-limit",
  EMFILE: "new-socket-limit",
  EPIPE: "unknown",
  EISCONN: "invalid-state",
  ENOTCONN: "invalid-state",
  EDESTADDRREQ: "invalid-state",
  EMSGSIZE: "datagram-too-large",
  EOPNOTSUPP: "not-supported",
  ENOPROTOOPT: "not-supported",
  EPFNOSUPPORT: "not-supported",
  EPROTONOSUPPORT: "not-supported",
  EPROTOTYPE: "not-supported",
  ESOCKTNOSUPPORT: "not-supported",
  EAFNOSUPPORT: "not-supported",
  EADDRINUSE: "address-in-use",
  EADDRNOTAVAIL: "address-not-bindable",
  ENETDOWN: "remote-unreachable",
  ENETUNREACH: "remote-unreachable",
  EHOSTDOWN: "remote-unreachable",
  EHOSTUNREACH: "remote-unreachable",
  ENONET: "remote-unreachable",
  ECONNABORTED: "connection-aborted",
  ECONNRESET: "connection-reset",
  ECONNREFUSED: "connection-refused",
  ETIMEDOUT: "timeout",
};

/** What accept(2) answers on Linux for a connection that died in the queue (accept(2), "Error handling"). */
const abortedInQueue = [
  "ECONNRESET",
  "ENETRESET",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "ENETDOWN",
  "ENETUNREACH",
  "EPROTO",
  "ENOPROTOOPT",
  "ENONET",
  "EOPNOTSUPP",
] as const satisfies readonly (keyof ErrnoTable)[];

/** errno -> error-code on one OS: what most calls use, and the calls that rewrite a few. All take a call's negated errno. */
export class ErrorCodes {
  readonly #codes = new Map<number, ErrorCode>();
  readonly #aborted: ReadonlySet<number>;
  readonly #badFamily: number;

  constructor(table: ErrnoTable) {
    for (const [name, code] of Object.entries(codes)) {
      this.#codes.set(-table[name as keyof typeof codes], code);
    }
    this.#aborted = new Set(abortedInQueue.map((name) => -table[name]));
    this.#badFamily = -table.EAFNOSUPPORT;
  }

  of(result: number): ErrorCode {
    return this.#codes.get(result) ?? "unknown";
  }

  /** For bind(2) and connect(2): an address of the wrong family is an invalid argument. */
  ofAddressCall(result: number): ErrorCode {
    return result === this.#badFamily ? "invalid-argument" : this.of(result);
  }

  ofAccept(result: number): ErrorCode {
    return this.#aborted.has(result) ? "connection-aborted" : this.of(result);
  }
}
