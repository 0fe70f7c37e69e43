import type { ErrorCode } from "../../machine/error-code.ts";
import type { IoError } from "../../machine/files.ts";
import type { ListenAddress } from "./options.ts";

/** Thrown when a server cannot listen on an address. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly address: ListenAddress;
  readonly code: ErrorCode | IoError;

  constructor(address: ListenAddress, code: ErrorCode | IoError) {
    super(`cannot listen: ${typeof code === "string" ? code : code.message}`);
    this.address = address;
    this.code = code;
  }
}
