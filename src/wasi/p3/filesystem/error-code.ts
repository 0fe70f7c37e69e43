import type { FileErrorCode } from "../../../machine/files.ts";
import type { ErrorPayload } from "../../end.ts";
import { orThrowAs } from "../../or-throw.ts";

/** What 0.3 has no case for, in words for people. */
const others: ReadonlyMap<FileErrorCode, string> = new Map([
  ["would-block", "it would have to be waited for"],
  ["file-limit", "too many open files"],
]);

/** `wasi:filesystem/types.error-code` */
export function fileError(code: FileErrorCode): ErrorPayload {
  const text = others.get(code);
  return text === undefined ? { tag: code } : { tag: "other", val: text };
}

export const orThrow = orThrowAs(fileError);
