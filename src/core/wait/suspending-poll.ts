import type { SuspendingMachine } from "../../machine/machine.ts";
import { WRITABLE } from "../../machine/selector.ts";
import { Condition } from "./condition.ts";
import { after } from "./deadline.ts";
import { Aborted } from "./errors.ts";
import { eventLoopTurn } from "./event-loop-turn.ts";
import { type Blocking, Poll } from "./poll.ts";
import { PollList } from "./poll-list.ts";
import { Pump, type Sleeper } from "./pump.ts";
import type { WaitSet } from "./wait-set.ts";
import type { Waiting } from "./waiting.ts";

/**
 * The suspending strategy: a wait is a promise, and the host's event loop runs meanwhile. A wait whose condition holds at once
 * returns without a promise, unless it is time to yield: guests that always find something ready would starve their host.
 * `yieldTurn` is for guests that loop over calls which never wait. If other guests of the machine have something ready, the
 * selector is asked in the next turn, for all of them together.
 *
 * Any number of calls may wait at a time, each with its own set.
 */
export class SuspendingPoll extends Poll implements Sleeper {
  readonly #machine: SuspendingMachine;
  readonly #pump: Pump;
  readonly #sent: Condition | undefined;
  onWaitEnded: (() => void) | undefined;
  #aborted: Aborted | undefined;
  #failed = false;
  /** Whether this guest has just yielded: it may then look even if others are about to. */
  #fresh = false;

  /** @param pump The pump of another poll of the machine, see `forAnotherGuest` */
  constructor(machine: SuspendingMachine, pump = new Pump(machine)) {
    super(pump.registry);
    this.#machine = machine;
    this.#pump = pump;
    this.#sent = machine.sent === undefined ? undefined : Condition.source(machine.sent, WRITABLE);
  }

  /**
   * Returns a poll for another guest of the same machine. Both share the registry, wait independently, and do not affect each
   * other.
   */
  forAnotherGuest(): SuspendingPoll {
    return new SuspendingPoll(this.#machine, this.#pump);
  }

  override poll(set: WaitSet): Waiting<number> {
    if (set.awaitedBy !== undefined) throw new Error("a wait for this set is under way");
    this.watch(set);
    const looks = this.#looks;
    const found = this.#look(set, looks);
    return found > 0 && !this.#interrupted() ? found : this.#pump.wait(this, set, looks && found === 0 && !this.ending);
  }

  /** May be called with a set whose wait is under way. That wait finds the same, unless it has changed by then. */
  override lookAll(set: WaitSet): number {
    this.watch(set);
    const found = this.#look(set, this.#looks || this.#fresh);
    if (found > 0) set.listener?.touched();
    return found;
  }

  /** False: the pump's looks, which come before its sleep, unregister sources. */
  protected override get dismisses(): boolean {
    return false;
  }

  /** Whether the selector is asked at once, or in the next turn of the event loop. */
  get #looks(): boolean {
    return !this.#pump.selectDeferred;
  }

  #look(set: WaitSet, looks: boolean): number {
    this.#fresh = false;
    const found = this.find(set, looks ? 0 : undefined);
    if (looks && this.registry.others) this.#pump.deferSelect();
    return found;
  }

  override run<T>(steps: Blocking<T>): Waiting<T> {
    if (this.#interrupted()) return this.#drive(steps, this.#yieldTurn());
    const step = steps.next();
    return step.done === true ? step.value : this.#drive(steps, this.block(step.value));
  }

  async #drive<T>(steps: Blocking<T>, first: Waiting<void>): Promise<T> {
    await first;
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      await this.block(step.value);
    }
  }

  override block(condition: Condition): Waiting<void> {
    if (this.blocked) return this.#blockConcurrently(condition);
    const found = this.poll(this.single(condition));
    return typeof found === "number" ? undefined : found.then(() => {});
  }

  /** Waits for a condition while another call blocks. */
  async #blockConcurrently(condition: Condition): Promise<void> {
    const list = PollList.of(condition);
    try {
      await this.poll(list);
    } finally {
      list.resize(0);
    }
  }

  /** @throws Aborted */
  override yieldTurn(): Promise<void> | undefined {
    return this.#interrupted() ? this.#yieldTurn() : undefined;
  }

  override turn(): Promise<void> {
    return this.#pump.yieldTurn(this);
  }

  #interrupted(): boolean {
    return this.#aborted !== undefined || eventLoopTurn.over;
  }

  /** @throws Aborted */
  async #yieldTurn(): Promise<void> {
    if (this.#aborted !== undefined) throw this.#aborted;
    await this.#pump.yieldTurn(this);
    this.#fresh = true;
  }

  /**
   * Waits until all that the guest has sent has left the machine, at most `patience` ns.
   *
   * @throws the reason for which the guest was aborted, unless all has left
   */
  async flush(patience: number): Promise<void> {
    if (this.#sent === undefined || this.look(this.#sent)) return;
    const list = PollList.of(this.#sent, Condition.timer(after(this.now(), patience)));
    try {
      await this.poll(list);
    } catch (error) {
      throw error instanceof Aborted ? error.reason : error;
    } finally {
      list.resize(0);
    }
  }

  override soon(work: () => void): void {
    this.#pump.soon(work);
  }

  override wake(): void {
    this.#pump.endSleep();
  }

  override failed(error: unknown): void {
    super.failed(error);
    this.#failed = true;
    this.#pump.queueAll(this);
  }

  protected override takeFailure(): { readonly error: unknown } | undefined {
    this.#failed = false;
    return super.takeFailure();
  }

  get ending(): boolean {
    return this.#aborted !== undefined || this.#failed;
  }

  takeEnding(): unknown {
    return this.#aborted ?? this.takeFailure()?.error;
  }

  /** Ends the current waits, or the next one, with an `Aborted`. Other guests of the machine are not affected. */
  abort(reason: unknown): void {
    this.#aborted ??= new Aborted(reason);
    this.#pump.queueAll(this);
  }

  /** Also ends the waits under way. Their promises stay pending, unless the guest was aborted. */
  override closeAll(): void {
    this.#pump.drop(this);
    super.closeAll();
  }
}
