import { fileCodes } from "../../../machine/file-errno.ts";
import type { FileErrorCode } from "../../../machine/files.ts";
import type { ErrnoTable } from "./os.ts";

const rows = Object.entries(fileCodes) as [keyof typeof fileCodes, FileErrorCode][];

/** Returns the file error code of an OS's errno. */
export function fileErrorCode(table: ErrnoTable, errno: number): FileErrorCode {
  return rows.find(([name]) => table[name] === errno)?.[1] ?? "io";
}
