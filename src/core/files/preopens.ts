import type { DirectoryHandle, Files } from "../../machine/files.ts";
import type { OpenFiles, SharedHandle } from "./open-files.ts";

/** A directory that a guest is given. */
export interface Preopen {
  /** The directory's path on the machine. */
  readonly host: string;
  /** The directory's path in the guest. */
  readonly guest: string;
}

export interface OpenPreopen {
  readonly directory: SharedHandle<DirectoryHandle>;
  readonly name: string;
}

/**
 * A directory that a guest should be given cannot be opened. The message is what the machine says, without the path, as
 * wasmtime's.
 */
export class PreopenError extends Error {
  override readonly name = "PreopenError";
  /** What tells it from other errors. */
  readonly code = "preopen";
}

/** Opens the directories, in the order given. @throws PreopenError */
export function openPreopens(files: Files, open: OpenFiles, preopens: readonly Preopen[]): readonly OpenPreopen[] {
  return preopens.map(({ host, guest }) => {
    const handle = files.openDirectory(host);
    if ("errno" in handle) {
      open.closeAll();
      const { errno, message } = handle;
      throw new PreopenError(errno === 0 ? message : `${message} (os error ${errno})`);
    }
    return { directory: open.add(handle).retain(), name: guest };
  });
}
