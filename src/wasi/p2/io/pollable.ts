import { extraResourceWeight } from "../../../component/host.ts";
import { type Condition, TIMER } from "../../../core/wait/condition.ts";
import type { Poll } from "../../../core/wait/poll.ts";
import type { Waiting } from "../../../core/wait/waiting.ts";
import { WasiResource } from "./resource.ts";

/** `wasi:io/poll.pollable`: a guest's handle on a condition, reusable for ever, level-triggered. */
export class Pollable extends WasiResource {
  /** A clock's has its timer beside it; what others were subscribed to has a handle of its own. */
  static [extraResourceWeight]({ condition }: Pollable): number {
    return condition.kind === TIMER ? 1 : 0;
  }

  readonly condition: Condition;
  /**
   * A timer that was over when it was made is not ready at the first look: a guest that spins on it
   * must still see its sockets (wasmtime >= 46).
   */
  #yields: boolean;

  constructor(condition: Condition, now: number, parent?: WasiResource) {
    super(parent);
    this.condition = condition;
    this.#yields = condition.kind === TIMER && condition.deadline <= now;
  }

  /** One look, without waiting. */
  ready(poll: Poll): boolean {
    if (this.#yields) {
      this.#yields = false;
      poll.look(this.condition);
      return false;
    }
    return poll.look(this.condition);
  }

  /** Waits until the condition holds. */
  block(poll: Poll): Waiting<void> {
    this.#yields = false;
    return poll.block(this.condition);
  }
}
