import assert from "node:assert/strict";
import { it } from "node:test";
import { BlockingPoll, type Poll } from "../../src/core/wait/poll.ts";
import { SuspendingPoll } from "../../src/core/wait/suspending-poll.ts";
import type { Machine, SuspendingMachine } from "../../src/machine/machine.ts";
import { blockingWaiter, PATIENCE, type Waiter } from "./sockets.ts";

/** What the suites are called for. */
export interface Backend extends Waiter {
  readonly name: string;
  /** As a guest waits. */
  readonly poll: Poll;
  /**
   * As node:test's, save for what is known to be different here: that must fail, so that it is noticed when it no longer does.
   */
  readonly it: (title: string, body: () => void | Promise<void>) => void;
}

/** How long what a backend is known not to bring is waited for, ns. */
const KNOWN = 2e9;

/** What a backend does not do as the contract says: titles of tests, and in what each differs. */
export type KnownDifferences = Readonly<Record<string, string>>;

export function blocking(name: string, machine: Machine): Backend {
  return { ...blockingWaiter(machine), name, poll: new BlockingPoll(machine), it };
}

export function suspending(name: string, machine: SuspendingMachine, known: KnownDifferences = {}): Backend {
  const { selector } = machine;
  let patience = PATIENCE;
  return {
    name,
    machine,
    get patience() {
      return patience;
    },
    poll: new SuspendingPoll(machine),
    async select(timeout) {
      // Whatever is ready: nothing new comes while the event loop does not go on.
      if (timeout > 0) await selector.wait(selector.select(0) > 0 ? 0 : timeout);
      return selector.select(0);
    },
    it(title, body) {
      const difference = known[title];
      if (difference === undefined) it(title, body);
      else
        it(`${title} (known difference: ${difference})`, async () => {
          patience = KNOWN;
          await assert
            .rejects(async () => await body())
            .finally(() => {
              patience = PATIENCE;
            });
        });
    },
  };
}
