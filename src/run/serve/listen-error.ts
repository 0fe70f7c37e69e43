import type { ErrorCode } from "../../machine/error-code.ts";
import type { ListenAddress } from "./options.ts";

/** A server cannot listen where it was to. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly address: ListenAddress;
  readonly code: ErrorCode;

  constructor(address: ListenAddress, code: ErrorCode) {
    super(`cannot listen: ${code}`);
    this.address = address;
    this.code = code;
  }
}
