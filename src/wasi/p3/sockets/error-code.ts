import type { ErrorCode } from "../../../machine/error-code.ts";
import type { IoError } from "../../../machine/files.ts";
import { orThrowAs } from "../../or-throw.ts";
import type { ErrorPayload } from "../../stream-result.ts";

/** Codes without a case of their own in 0.3. Those of two-phase calls never occur there. */
const others: ReadonlySet<ErrorCode> = new Set([
  "unknown",
  "concurrency-conflict",
  "not-in-progress",
  "would-block",
  "new-socket-limit",
]);

/** Codes of name look-ups only. */
const ofLookups: ReadonlySet<ErrorCode> = new Set([
  "name-unresolvable",
  "temporary-resolver-failure",
  "permanent-resolver-failure",
]);

/** Returns the `wasi:sockets/types.error-code` of a socket's failure. */
export function socketError(failure: ErrorCode | IoError | "broken-pipe"): ErrorPayload {
  if (typeof failure === "object") return other(failure.message);
  if (failure === "broken-pipe") return { tag: "connection-broken" };
  return others.has(failure) || ofLookups.has(failure) ? other(failure) : { tag: failure };
}

/** Codes that the error-code of a look-up shares with that of sockets. */
const cases: ReadonlySet<ErrorCode> = new Set(["access-denied", "invalid-argument"]);

/** Returns the `wasi:sockets/ip-name-lookup.error-code` of a look-up's failure. */
export function lookupError(failure: ErrorCode): ErrorPayload {
  return cases.has(failure) || ofLookups.has(failure) ? { tag: failure } : other(failure);
}

function other(text: string): ErrorPayload {
  return { tag: "other", val: text === "unknown" ? undefined : text };
}

export const orThrow = orThrowAs<ErrorCode>(socketError);
