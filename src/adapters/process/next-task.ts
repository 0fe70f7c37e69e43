/** How long immediates may keep Deno from its sockets, ms. */
const MAX_IMMEDIATES_MS = 20;

const deno = "Deno" in globalThis;
/** Browsers do not have it. */
const immediates = "setImmediate" in globalThis;
let slept = performance.now();

/**
 * Returns whether the next turn of the event loop must be one that sleeps, by a timer; the caller then takes such a
 * turn. Deno polls its sockets when it has nothing else to do, or once in 61 turns, and an immediate is something to
 * do. A guest that yields one turn in 2 ms would let it poll every 0.1 s. A timer makes it sleep for 1 ms or more: too
 * much for every turn.
 */
export function mustSleep(): boolean {
  if (!deno) return false;
  const now = performance.now();
  if (now - slept < MAX_IMMEDIATES_MS) return false;
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
