import type { ErrorCode } from "../../../machine/error-code.ts";
import type { IoError } from "../../../machine/files.ts";
import type { ErrorPayload } from "../../end.ts";
import { orThrowAs } from "../../or-throw.ts";

/** Codes that 0.3 has no word of its own for. Those of two-phase calls alone never come here. */
const others: ReadonlySet<ErrorCode> = new Set([
  "unknown",
  "concurrency-conflict",
  "not-in-progress",
  "would-block",
  "new-socket-limit",
]);

/** Codes that only a look-up fails with. */
const ofLookups: ReadonlySet<ErrorCode> = new Set([
  "name-unresolvable",
  "temporary-resolver-failure",
  "permanent-resolver-failure",
]);

/** `wasi:sockets/types.error-code`. @param failure Of a socket */
export function socketError(failure: ErrorCode | IoError | "broken-pipe"): ErrorPayload {
  if (typeof failure === "object") return other(failure.message);
  if (failure === "broken-pipe") return { tag: "connection-broken" };
  return others.has(failure) || ofLookups.has(failure) ? other(failure) : { tag: failure };
}

/** The cases of a look-up's error-code besides those that only it has. */
const cases: ReadonlySet<ErrorCode> = new Set(["access-denied", "invalid-argument"]);

/** `wasi:sockets/ip-name-lookup.error-code`. @param failure Of a look-up */
export function lookupError(failure: ErrorCode): ErrorPayload {
  return cases.has(failure) || ofLookups.has(failure) ? { tag: failure } : other(failure);
}

function other(text: string): ErrorPayload {
  return { tag: "other", val: text === "unknown" ? undefined : text };
}

export const orThrow = orThrowAs<ErrorCode>(socketError);
