import { codes } from "../../../machine/errno.ts";
import type { ErrorCode } from "../../../machine/error-code.ts";
import type { ErrnoTable } from "./os.ts";

/**
 * The errnos that accept(2) on Linux returns for a connection that failed in the queue (accept(2), "Error handling").
 */
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

/**
 * Maps errno to error-code on one OS. The methods take a call's negated errno; some calls map a few errnos differently.
 */
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

  /** For accept(2): a connection that failed in the queue is aborted. */
  ofAccept(result: number): ErrorCode {
    return this.#aborted.has(result) ? "connection-aborted" : this.of(result);
  }
}
