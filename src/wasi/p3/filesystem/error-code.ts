import type { FileErrorCode } from "../../../machine/files.ts";
import { orThrowAs } from "../../or-throw.ts";
import type { ErrorPayload } from "../../stream-result.ts";

/** Messages for the failures that 0.3 has no case for. */
const others: ReadonlyMap<FileErrorCode, string> = new Map([
  ["would-block", "it would have to be waited for"],
  ["file-limit", "too many open files"],
]);

/** Returns the `wasi:filesystem/types.error-code` of a failure. */
export function fileError(code: FileErrorCode): ErrorPayload {
  const text = others.get(code);
  return text === undefined ? { tag: code } : { tag: "other", val: text };
}

export const orThrow = orThrowAs(fileError);
