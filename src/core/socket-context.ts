import type { Machine } from "../adapters/contract.ts";
import type { NetworkPolicy } from "./network.ts";
import type { Poll } from "./poll.ts";

/** What a socket needs of the world. */
export interface SocketContext {
  readonly machine: Machine;
  readonly poll: Poll;
  readonly policy: NetworkPolicy;
}
