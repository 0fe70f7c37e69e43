import { NEVER } from "../core/wait/deadline.ts";
import { runAsync, type Steps } from "../core/wait/steps.ts";
import type { SuspendingPoll } from "../core/wait/suspending-poll.ts";

/** How long a guest's failure waits to be told for peers that may not be reading, ns. */
const PATIENCE = 1e8;

/**
 * Does a run's steps, and waits until what the guest has sent has left: after its own end for as long as its peers take, as a
 * guest waits that drops a stream with something in it.
 *
 * @throws as the steps, and the reason that the guest was aborted for
 */
export async function runAndFlush<T>(steps: Steps<T>, poll: SuspendingPoll): Promise<T> {
  let result: T;
  try {
    result = await runAsync(steps);
  } catch (error) {
    await poll.flush(PATIENCE);
    throw error;
  }
  await poll.flush(NEVER);
  return result;
}
