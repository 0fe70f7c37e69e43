/** How long Deno may be kept from its sockets by immediates, ms. */
const UNSEEN = 20;

const deno = "Deno" in globalThis;
/** Browsers have none. */
const immediates = "setImmediate" in globalThis;
let slept = performance.now();

/**
 * Whether the next turn of the event loop must be one that it sleeps in, by a timer: then the caller takes one. Deno looks at
 * its sockets when it has nothing else to do, or once in 61 turns; an immediate is something to do. A guest that gives up one
 * turn in 2 ms would let it look every 0.1 s. A timer lets it sleep, for 1 ms and more: too dear for every turn.
 */
export function mustSleep(): boolean {
  if (!deno) return false;
  const now = performance.now();
  if (now - slept < UNSEEN) return false;
  slept = now;
  return true;
}

/** Resolves in a later task of the event loop. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    if (!immediates || mustSleep()) setTimeout(resolve, 0);
    else setImmediate(resolve);
  });
}
