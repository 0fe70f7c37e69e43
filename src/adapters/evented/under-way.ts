/** How long a process that is about to exit waits for what its peers may not be taking, ms. */
const PATIENCE = 100;

const underWay = new Set<Promise<unknown>>();

/** Of bytes that a runtime sends beside the program, not before the call returns. @param sending never rejects */
export function sends(sending: Promise<unknown>): void {
  underWay.add(sending);
  sending.then(() => underWay.delete(sending));
}

/** Resolves when all has left that could leave: what is taken at once has left in the next turn of the event loop. */
export async function flush(): Promise<void> {
  if (underWay.size === 0) return;
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, PATIENCE);
  await Promise.race([Promise.all(underWay), late]);
  clearTimeout(timer);
}
