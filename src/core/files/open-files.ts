import type { DirectoryHandle, FileHandle } from "../../machine/files.ts";

type AnyHandle = FileHandle | DirectoryHandle;

/** An open file or directory that its descriptor and its streams share. The last of them closes it. */
export class SharedHandle<H extends AnyHandle = AnyHandle> {
  readonly handle: H;
  readonly #open: Set<AnyHandle>;
  #uses = 0;

  constructor(handle: H, open: Set<AnyHandle>) {
    this.handle = handle;
    this.#open = open;
    open.add(handle);
  }

  retain(): this {
    this.#uses++;
    return this;
  }

  release(): void {
    if (--this.#uses === 0 && this.#open.delete(this.handle)) this.handle.close();
  }
}

/** All files and directories that a guest has open, to be closed when the guest ends. */
export class OpenFiles {
  readonly #open = new Set<AnyHandle>();

  add<H extends AnyHandle>(handle: H): SharedHandle<H> {
    return new SharedHandle(handle, this.#open);
  }

  closeAll(): void {
    for (const handle of this.#open) handle.close();
    this.#open.clear();
  }
}
