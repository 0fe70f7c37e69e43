import { READABLE } from "../../machine/selector.ts";
import type { LookupHandle } from "../../machine/sockets.ts";
import { Condition } from "../wait/condition.ts";
import { type Blocking, retried } from "../wait/poll.ts";
import type { SocketContext } from "./socket-context.ts";

/**
 * Looks up all denied names at once, and tells the policy their addresses: a guest that knows an address without a look-up cannot
 * reach it. If a name has no address now, only its look-up is denied.
 */
export function* learnDeniedNames({ machine, poll, policy }: SocketContext): Blocking<void> {
  const pending: (readonly [name: string, lookup: LookupHandle])[] = [];
  for (const name of policy.deniedNames) {
    const lookup = machine.net.lookup(name);
    if (typeof lookup === "string") continue;
    poll.opened(lookup);
    pending.push([name, lookup]);
  }
  for (const [name, lookup] of pending) {
    const answer = yield* retried(() => lookup.addresses(), Condition.source(lookup.source, READABLE));
    poll.close(lookup);
    if (typeof answer !== "string") for (const address of answer) policy.learn(name, address);
  }
}
