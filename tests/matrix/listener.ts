import { blockingWaiter, close, listen } from "../backends/sockets.ts";
import { createMachine } from "../machine.ts";

/** A listening socket of libc's, to be handed on: a socket of Node's would accept the clients itself. */
export async function listeningFd(): Promise<{ readonly fd: number } & AsyncDisposable> {
  const waiter = blockingWaiter(await createMachine());
  const listener = await listen(waiter);
  return { fd: listener.source.id, [Symbol.asyncDispose]: async () => close(waiter, listener) };
}
