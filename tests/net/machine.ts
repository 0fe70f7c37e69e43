import type { Selector, Source, SuspendingMachine, SuspendingSelector } from "../../src/adapters/contract.ts";
import { createMachine } from "../machine.ts";

/** The posix machine, looked at again and again. */
export async function suspendingMachine(): Promise<SuspendingMachine> {
  const machine = await createMachine();
  return { ...machine, selector: new Spinning(machine.selector, machine.now) };
}

class Spinning implements SuspendingSelector {
  readonly #selector: Selector;
  readonly #now: () => number;
  #woken = false;
  constructor(selector: Selector, now: () => number) {
    this.#selector = selector;
    this.#now = now;
  }
  get sources(): readonly Source[] {
    return this.#selector.sources;
  }
  get events(): Uint8Array {
    return this.#selector.events;
  }
  setInterest(source: Source, interest: number): boolean {
    return this.#selector.setInterest(source, interest);
  }
  forget(source: Source): void {
    this.#selector.forget(source);
  }
  select(timeout: number): number {
    return this.#selector.select(timeout);
  }
  close(): void {
    this.#selector.close();
  }
  async wait(timeout: number): Promise<void> {
    this.#woken = false;
    const end = this.#now() + timeout;
    do await new Promise((resolve) => setImmediate(resolve));
    while (!this.#woken && this.#now() < end && this.#selector.select(0) === 0);
  }
  wake(): void {
    this.#woken = true;
  }
}
