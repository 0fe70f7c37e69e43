import type { DirectoryHandle, Files } from "../../machine/files.ts";
import type { OpenFiles, SharedHandle } from "./open-files.ts";
import { ReadOnlyDirectory } from "./read-only.ts";

/** A directory that a guest is given. */
export interface Preopen {
  /** The directory's path on the machine. */
  readonly host: string;
  /** The directory's path in the guest. */
  readonly guest: string;
  /** Whether it changes nothing in it. */
  readonly readOnly?: boolean;
}

export interface OpenPreopen {
  readonly directory: SharedHandle<DirectoryHandle>;
  readonly name: string;
  readonly readOnly: boolean;
}

/** Thrown if a preopened directory cannot be opened. The message says which, and why. */
export class PreopenError extends Error {
  override readonly name = "PreopenError";
  /** The code of errors of this class. */
  readonly code = "preopen";
}

/** Opens the directories, in the order given. @throws PreopenError */
export function openPreopens(files: Files, open: OpenFiles, preopens: readonly Preopen[]): readonly OpenPreopen[] {
  return preopens.map(({ host, guest, readOnly = false }) => {
    const handle = files.openDirectory(host);
    if ("errno" in handle) {
      open.closeAll();
      const { errno, message } = handle;
      const why = errno === 0 ? message : `${message} (os error ${errno})`;
      throw new PreopenError(`failed to open directory ${JSON.stringify(host)}: ${why}`);
    }
    const directory = readOnly ? new ReadOnlyDirectory(handle) : handle;
    return { directory: open.add(directory).retain(), name: guest, readOnly };
  });
}
