import { Trap } from "../../core/wait/errors.ts";
import { then } from "../../core/wait/waiting.ts";
import type { JsFunction } from "../host.ts";
import { type TableEntry, unknownHandle } from "../instance/handles.ts";
import type { InstanceState } from "../instance/state.ts";
import type { Runnable, Scheduler } from "./scheduler.ts";
import { trap } from "./trap.ts";
import { Waitable, WaitableSet } from "./waitable.ts";

const MAX_BACKPRESSURE = 2 ** 16;

/** The tasks of one component instance: who may run, and who waits to (CanonicalABI.md, `ComponentInstance`). */
export class InstanceTasks {
  readonly state: InstanceState;
  readonly scheduler: Scheduler;
  /** The one whose core code is on the stack, or waits there: no other that needs exclusivity may run meanwhile. */
  #exclusive: Runnable | undefined;
  /** Those that are ready but for that. */
  readonly #blocked: Runnable[] = [];
  /** Those that have not started. */
  readonly #entering: Runnable[] = [];
  #backpressure = 0;

  constructor(state: InstanceState, scheduler: Scheduler) {
    this.state = state;
    this.scheduler = scheduler;
  }

  /** What an index of the table stands for. */
  entry(index: number): TableEntry {
    return this.state.handles.slots[index] ?? missing(index);
  }

  set(index: number): WaitableSet {
    const found = this.entry(index);
    if (!(found instanceof WaitableSet)) throw new Trap("handle is not a waitable-set");
    return found;
  }

  waitable(index: number): Waitable {
    const found = this.entry(index);
    if (!(found instanceof Waitable)) throw new Trap("handle is not a waitable");
    return found;
  }

  add(waitable: Waitable): number {
    waitable.index = this.state.handles.addEntry(waitable);
    return waitable.index;
  }

  remove(waitable: Waitable): void {
    waitable.join(undefined);
    this.state.handles.removeEntry(waitable.index);
  }

  /** A function that is lifted without `async`: each call of it has context slots of its own. @param mayBlock Its type is async */
  call(lifted: JsFunction, mayBlock: boolean): JsFunction {
    return (...args) => {
      const { scheduler } = this;
      const before = scheduler.current;
      scheduler.enter({ slot0: 0, slot1: 0, mayBlock });
      return then(lifted(...args), (value) => {
        scheduler.enter(before);
        return value;
      });
    };
  }

  /** Whether a task may start at once; else it is kept until it may. */
  admit(task: Runnable): boolean {
    if (!this.#refuses() && this.#entering.length === 0) return true;
    this.#entering.push(task);
    return false;
  }

  /** It will not start. */
  withdraw(task: Runnable): void {
    const at = this.#entering.indexOf(task);
    if (at >= 0) this.#entering.splice(at, 1);
  }

  #refuses(): boolean {
    return this.#backpressure > 0 || this.#exclusive !== undefined;
  }

  /** Whether a task has exclusivity from now on; else it becomes ready again when it may. */
  acquire(task: Runnable): boolean {
    if (this.#exclusive === undefined) this.#exclusive = task;
    else if (this.#exclusive !== task) this.#blocked.push(task);
    return this.#exclusive === task;
  }

  release(): void {
    this.#exclusive = undefined;
    const blocked = this.#blocked.shift();
    if (blocked !== undefined) this.scheduler.ready(blocked);
    else this.#enterNext();
  }

  #enterNext(): void {
    if (this.#entering.length === 0 || this.#refuses()) return;
    const task = this.#entering.shift();
    if (task !== undefined) this.scheduler.ready(task);
  }

  /** `backpressure.inc` and `backpressure.dec` */
  press(by: 1 | -1): void {
    this.#backpressure += by;
    if (this.#backpressure < 0 || this.#backpressure === MAX_BACKPRESSURE) trap("backpressure counter overflow");
    this.#enterNext();
  }
}

function missing(index: number): never {
  throw unknownHandle(index);
}
