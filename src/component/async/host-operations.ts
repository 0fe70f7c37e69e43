import { Condition, TIMER, Waiter } from "../../core/wait/condition.ts";
import type { Poll } from "../../core/wait/poll.ts";
import { WaitSet } from "../../core/wait/wait-set.ts";
import type { Waiting } from "../../core/wait/waiting.ts";

/** Something of the host's that a guest waits for: a call, the other end of a stream. */
export interface HostOperation {
  readonly waiter: Waiter<HostOperation>;
  /** Whether the guest is still interested. */
  readonly parked: boolean;
  /** Goes on: its condition may hold. */
  advance(): void;
}

/**
 * All that guests wait for of their host, in one set of the core's registry.
 *
 * An operation stays in the set when it is over, for the next one on the same stream will most likely be there before the next
 * wait; one that fires while nobody is interested is taken out.
 */
export class HostOperations {
  readonly #poll: Poll;
  readonly #set = new WaitSet<HostOperation>();
  readonly #stir = new Stir();
  /** How many somebody is interested in, and how many there have been. */
  #parked = 0;
  #parks = 0;
  /** How often was looked. */
  #looks = 0;
  #asleep = false;
  /** Whether those that were found are being told: the host's code runs, and no guest's. */
  advancing = false;

  constructor(poll: Poll) {
    this.#poll = poll;
    this.#set.add(this.#stir.waiter);
  }

  /** Whether there is something to wait for. */
  get some(): boolean {
    return this.#parked > 0;
  }

  /** From now on the operation is waited for. */
  park(operation: HostOperation, condition: Condition): void {
    const { waiter } = operation;
    if (waiter.set === undefined) {
      waiter.condition = condition;
      this.#set.add(waiter);
    } else {
      this.#set.retarget(waiter, condition);
    }
    waiter.key = this.#parks++;
    this.#parked++;
  }

  /** It is no longer: it is over, or nobody is interested any more. */
  unpark(): void {
    this.#parked--;
  }

  /** It will not be waited for again. */
  forget({ waiter }: HostOperation): void {
    if (waiter.set !== undefined) this.#set.remove(waiter);
  }

  /** Waits until some can go on, and lets them. */
  wait(): Waiting<void> {
    this.#asleep = true;
    const look = ++this.#looks;
    const found = this.#poll.poll(this.#set);
    if (typeof found !== "number") return found.then((count) => this.#woken(count, look));
    this.#woken(found, look);
  }

  /** Lets those go on that can now; the host's event loop has its turn first, where that is due. */
  look(): Waiting<void> {
    const due = this.#poll.yieldTurn();
    if (due === undefined) this.peek();
    else return due.then(() => this.peek());
  }

  /** Resolves when the host's event loop has had its turn; undefined: there is none. */
  turn(): Promise<void> | undefined {
    return this.#poll.turn();
  }

  /** Lets those go on that can now. */
  peek(): void {
    if (this.#parked === 0) return;
    this.#looks++;
    this.#advance(this.#poll.lookAll(this.#set));
  }

  #woken(found: number, look: number): void {
    this.#asleep = false;
    // what a guest has looked for meanwhile is found again
    if (look === this.#looks) this.#advance(found);
  }

  /** Ends a wait that is under way: something else can go on. */
  wake(): void {
    if (!this.#asleep) return;
    this.#stir.up();
    this.#poll.wake();
  }

  #advance(count: number): void {
    this.advancing = true;
    const found = inOrder(this.#set.found, count);
    for (let i = 0; i < count; i++) {
      const { owner } = found[i]!;
      if (owner.parked) owner.advance();
      else this.forget(owner);
    }
    this.advancing = false;
  }
}

/** Timers that are due at once go on in the order of their deadlines, and of when they were begun. */
function inOrder(found: readonly Waiter<HostOperation>[], count: number): readonly Waiter<HostOperation>[] {
  let timers = 0;
  for (let i = 0; i < count; i++) if (found[i]!.condition.kind === TIMER) timers++;
  if (timers < 2) return found;
  const deadline = ({ condition }: Waiter) => (condition.kind === TIMER ? condition.deadline : 0);
  return found.slice(0, count).sort((a, b) => deadline(a) - deadline(b) || a.key - b.key);
}

/** Ends a wait for the others. */
class Stir implements HostOperation {
  readonly #condition = Condition.ready();
  readonly waiter: Waiter<HostOperation> = new Waiter<HostOperation>(this.#condition, this);
  readonly parked = true;

  constructor() {
    this.#condition.markPending();
  }

  up(): void {
    this.#condition.markReady();
  }

  advance(): void {
    this.#condition.markPending();
  }
}
