import type { HttpErrorCode } from "../../core/http/error-code.ts";

/** Thrown when a guest returned without a response. */
export class Unanswered extends Error {
  override readonly name = "Unanswered";
}

/** Thrown when a guest had a request for too long. */
export class Expired extends Error {
  override readonly name = "Expired";

  constructor() {
    super("guest timed out");
  }
}

/** The reason for ending a guest whose server has ended. */
export class ServerEnded extends Error {
  override readonly name = "ServerEnded";

  constructor() {
    super("the server has ended");
  }
}

/** Returns the message for a guest that responded with an error. */
export function guestErrorMessage(error: HttpErrorCode): string {
  const { val } = { val: undefined, ...error };
  const detail = val === undefined || typeof val === "object" ? "" : `: ${val}`;
  return `guest responded with the error ${error.tag}${detail}`;
}
