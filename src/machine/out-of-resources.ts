/** Thrown when the operating system has no descriptors or memory left for a machine. A later attempt may succeed. */
export class OutOfResources extends Error {
  override readonly name = "OutOfResources";
  /** The code of errors of this class. */
  readonly code = "out-of-resources";

  /** @param call such as `epoll_create1` @param reason strerror(3)'s text */
  constructor(call: string, reason: string) {
    super(`no machine for a guest: ${call}: ${reason}`);
  }
}
