import { extraResourceWeight } from "../../../component/host.ts";
import { type Condition, TIMER } from "../../../core/wait/condition.ts";
import type { Poll } from "../../../core/wait/poll.ts";
import type { Waiting } from "../../../core/wait/waiting.ts";
import { WasiResource } from "./resource.ts";

/**
 * `wasi:io/poll.pollable`: the guest's handle for a condition. It is level-triggered and can be used any number of
 * times.
 */
export class Pollable extends WasiResource {
  /**
   * wasmtime makes a second handle for a clock's timer; the subject of any other pollable has its own handle anyway.
   */
  static [extraResourceWeight]({ condition }: Pollable): number {
    return condition.kind === TIMER ? 1 : 0;
  }

  readonly condition: Condition;
  /**
   * Whether the next look reports "not ready". It does for a timer that had elapsed when it was made: a guest that
   * spins on it must still see its sockets (wasmtime >= 46).
   */
  #yields: boolean;

  constructor(condition: Condition, now: number, parent?: WasiResource) {
    super(parent);
    this.condition = condition;
    this.#yields = condition.kind === TIMER && condition.deadline <= now;
  }

  /** Returns whether the condition is ready, without waiting. */
  ready(poll: Poll): boolean {
    if (this.#yields) {
      this.#yields = false;
      poll.look(this.condition);
      return false;
    }
    return poll.look(this.condition);
  }

  /** Waits until the condition is ready. */
  block(poll: Poll): Waiting<void> {
    this.#yields = false;
    return poll.block(this.condition);
  }
}
