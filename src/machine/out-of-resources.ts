/** The operating system has none left of what a machine is made of: descriptors, memory. Another time it may have. */
export class OutOfResources extends Error {
  override readonly name = "OutOfResources";
  /** What tells it from other errors. */
  readonly code = "out-of-resources";

  /** @param call as `epoll_create1`. @param reason strerror's text */
  constructor(call: string, reason: string) {
    super(`no machine for a guest: ${call}: ${reason}`);
  }
}
