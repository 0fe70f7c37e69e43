import { codes } from "../../../machine/errno.ts";
import type { ErrorCode } from "../../../machine/error-code.ts";
import type { ErrnoTable } from "./os.ts";

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
