import { Condition, TIMER, Waiter } from "../../core/wait/condition.ts";
import type { Poll } from "../../core/wait/poll.ts";
import { WaitSet } from "../../core/wait/wait-set.ts";
import type { Waiting } from "../../core/wait/waiting.ts";

/** An operation of the host that a guest waits for: a call, or the other end of a stream. */
export interface HostOperation {
  readonly waiter: Waiter<HostOperation>;
  /** Whether the guest still waits for it. */
  readonly isAwaited: boolean;
  /** Continues the operation. Its condition may hold. */
  advance(): void;
}

/**
 * All operations of the host that guests wait for, in one set of the core's registry.
 *
 * An operation stays in the set when it is over: most likely the next one on the same stream comes before the next wait. If it
 * becomes ready while no guest waits for it, it is taken out.
 */
export class HostOperations {
  readonly #poll: Poll;
  readonly #set = new WaitSet<HostOperation>();
  readonly #waker = new Waker();
  /** The number of operations that a guest waits for, and the number that there have ever been. */
  #awaited = 0;
  #waits = 0;
  /** The number of looks so far. */
  #looks = 0;
  #asleep = false;
  /** Whether ready operations are being continued: code of the host runs, and none of a guest. */
  advancing = false;

  constructor(poll: Poll) {
    this.#poll = poll;
    this.#set.add(this.#waker.waiter);
  }

  /** Whether a guest waits for any operation. */
  get some(): boolean {
    return this.#awaited > 0;
  }

  /** Waits for the operation from now on. */
  startWaiting(operation: HostOperation, condition: Condition): void {
    const { waiter } = operation;
    if (waiter.set === undefined) {
      waiter.condition = condition;
      this.#set.add(waiter);
    } else {
      this.#set.retarget(waiter, condition);
    }
    waiter.key = this.#waits++;
    this.#awaited++;
  }

  /** Stops waiting for an operation: it is over, or the guest no longer waits for it. */
  stopWaiting(): void {
    this.#awaited--;
  }

  /** Takes the operation out of the set, for good. */
  forget({ waiter }: HostOperation): void {
    if (waiter.set !== undefined) this.#set.remove(waiter);
  }

  /** Waits until operations can continue, and continues them. */
  wait(): Waiting<void> {
    this.#asleep = true;
    const look = ++this.#looks;
    const found = this.#poll.poll(this.#set);
    if (typeof found !== "number") return found.then((count) => this.#woken(count, look));
    this.#woken(found, look);
  }

  /** Continues the operations that can. Yields to the host's event loop first, if that is due. */
  look(): Waiting<void> {
    const due = this.#poll.yieldTurn();
    if (due === undefined) this.peek();
    else return due.then(() => this.peek());
  }

  /** Resolves after a turn of the host's event loop; undefined if the host has none. */
  turn(): Promise<void> | undefined {
    return this.#poll.turn();
  }

  /** Continues the operations that can, without waiting. */
  peek(): void {
    if (this.#awaited === 0) return;
    this.#looks++;
    this.#advance(this.#poll.lookAll(this.#set));
  }

  #woken(found: number, look: number): void {
    this.#asleep = false;
    // If a guest has looked meanwhile, this result is outdated: the next look finds it again.
    if (look === this.#looks) this.#advance(found);
  }

  /** Ends a wait that is under way, as something else can run. */
  wake(): void {
    if (!this.#asleep) return;
    this.#waker.wake();
    this.#poll.wake();
  }

  #advance(count: number): void {
    this.advancing = true;
    const found = inOrder(this.#set.found, count);
    for (let i = 0; i < count; i++) {
      const { owner } = found[i]!;
      if (owner.isAwaited) owner.advance();
      else this.forget(owner);
    }
    this.advancing = false;
  }
}

/** Orders the operations that were found: timers that are due go by their deadlines, then by when they began. */
function inOrder(found: readonly Waiter<HostOperation>[], count: number): readonly Waiter<HostOperation>[] {
  let timers = 0;
  for (let i = 0; i < count; i++) if (found[i]!.condition.kind === TIMER) timers++;
  if (timers < 2) return found;
  const deadline = ({ condition }: Waiter) => (condition.kind === TIMER ? condition.deadline : 0);
  return found.slice(0, count).sort((a, b) => deadline(a) - deadline(b) || a.key - b.key);
}

/** Ends a wait of the operations, for `wake`. */
class Waker implements HostOperation {
  readonly #condition = Condition.ready();
  readonly waiter: Waiter<HostOperation> = new Waiter<HostOperation>(this.#condition, this);
  readonly isAwaited = true;

  constructor() {
    this.#condition.markPending();
  }

  wake(): void {
    this.#condition.markReady();
  }

  advance(): void {
    this.#condition.markPending();
  }
}
