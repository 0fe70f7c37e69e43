import { NEVER } from "../core/wait/deadline.ts";
import { runAsync, type Steps } from "../core/wait/steps.ts";
import type { SuspendingPoll } from "../core/wait/suspending-poll.ts";

/** How long the report of a guest's failure waits for peers that may not be reading, ns. */
const FLUSH_WAIT_NS = 1e8;

/**
 * Does a run's steps, then waits until all data that the guest sent has left. After a normal end that takes as long as
 * its peers do, as for a guest that drops a stream with unsent bytes.
 *
 * @throws as the steps, and the reason for an abort
 */
export async function runAndFlush<T>(steps: Steps<T>, poll: SuspendingPoll): Promise<T> {
  let result: T;
  try {
    result = await runAsync(steps);
  } catch (error) {
    await poll.flush(FLUSH_WAIT_NS);
    throw error;
  }
  await poll.flush(NEVER);
  return result;
}
