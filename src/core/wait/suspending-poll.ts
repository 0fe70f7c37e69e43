import type { SuspendingMachine } from "../../machine/machine.ts";
import { WRITABLE } from "../../machine/selector.ts";
import { Condition } from "./condition.ts";
import { after } from "./deadline.ts";
import { Aborted } from "./errors.ts";
import { type Blocking, Poll } from "./poll.ts";
import { PollList } from "./poll-list.ts";
import { Pump, type Sleeper } from "./pump.ts";
import { turn } from "./turn.ts";
import type { WaitSet } from "./wait-set.ts";
import type { Waiting } from "./waiting.ts";

/**
 * The suspending strategy: a wait is a promise, and the host's event loop goes on meanwhile. What holds at once is answered at
 * once, without a promise, except where the guests of the process have had their turn of the event loop: else those that always
 * find something ready would starve their host. So would those that go round in calls that never wait: `yieldTurn` is for these.
 * And where others of the same machine have something by now, what is only for the selector to say is left to the next turn, in
 * which all are looked at together.
 *
 * Any number of calls wait at a time, each for a set of its own.
 */
export class SuspendingPoll extends Poll implements Sleeper {
  readonly #machine: SuspendingMachine;
  readonly #pump: Pump;
  readonly #sent: Condition | undefined;
  goOn: (() => void) | undefined;
  #aborted: Aborted | undefined;
  #failed = false;
  /** Whether the event loop has just had its turn for this guest: then it may look, whoever else is to. */
  #fresh = false;

  /** @param pump Of another poll of the machine, see `beside` */
  constructor(machine: SuspendingMachine, pump = new Pump(machine)) {
    super(pump.registry);
    this.#machine = machine;
    this.#pump = pump;
    this.#sent = machine.sent === undefined ? undefined : Condition.source(machine.sent, WRITABLE);
  }

  /** A poll for another guest of the same machine: both wait at once, in one registry, and know nothing of each other. */
  beside(): SuspendingPoll {
    return new SuspendingPoll(this.#machine, this.#pump);
  }

  override poll(set: WaitSet): Waiting<number> {
    if (set.awaitedBy !== undefined) throw new Error("a wait for this set is under way");
    this.watch(set);
    const looks = this.#looks;
    const found = this.#look(set, looks);
    return found > 0 && !this.#interrupted() ? found : this.#pump.wait(this, set, looks && found === 0 && !this.ending);
  }

  /** May be called of a set whose wait is under way: that finds what it finds, too, if it is still so. */
  override lookAll(set: WaitSet): number {
    this.watch(set);
    const found = this.#look(set, this.#looks || this.#fresh);
    if (found > 0) set.listener?.touched();
    return found;
  }

  /** The pump's looks do, which others sleep before. */
  protected override get dismisses(): boolean {
    return false;
  }

  /** Whether the selector is asked: at once, or in the next turn of the event loop. */
  get #looks(): boolean {
    return !this.#pump.crowded;
  }

  #look(set: WaitSet, looks: boolean): number {
    this.#fresh = false;
    const found = this.find(set, looks ? 0 : undefined);
    if (looks && this.registry.others) this.#pump.crowd();
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
    if (this.blocked) return this.#blockBeside(condition);
    const found = this.poll(this.single(condition));
    return typeof found === "number" ? undefined : found.then(() => {});
  }

  /** While another call blocks. */
  async #blockBeside(condition: Condition): Promise<void> {
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
    return this.#aborted !== undefined || turn.over;
  }

  /** @throws Aborted */
  async #yieldTurn(): Promise<void> {
    if (this.#aborted !== undefined) throw this.#aborted;
    await this.#pump.yieldTurn(this);
    this.#fresh = true;
  }

  /**
   * Waits until what the guest has sent has left the machine, `patience` ns at most.
   *
   * @throws the reason that the guest was aborted for, unless all has left
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
    this.#pump.hurry();
  }

  override failed(error: unknown): void {
    super.failed(error);
    this.#failed = true;
    this.#pump.stirAll(this);
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

  /** Ends the waits under way, or the next one, with an `Aborted`. Other guests of the machine go on. */
  abort(reason: unknown): void {
    this.#aborted ??= new Aborted(reason);
    this.#pump.stirAll(this);
  }

  /** A wait that is under way is never answered, unless it was aborted. */
  override closeAll(): void {
    this.#pump.drop(this);
    super.closeAll();
  }
}
