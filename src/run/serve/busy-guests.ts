import type { CompiledComponent } from "../../component/link/compiled.ts";
import type { Poll } from "../../core/wait/poll.ts";
import { ParseError } from "../../wasm/errors.ts";
import type { interruptor } from "../../wasm/limits/interruptible.ts";

/** A guest that goes on for longer than this before it waits holds others up, ns. */
const LONG = 10e6;

/** So much of it in so short a time is no accident, ns. */
const MUCH = 100e6;
const WINDOW = 10e9;

/** As many times guests go on at first in cold code, which takes as long. */
const COLD = 16;

/**
 * Finds out whether guests compute for so long that others wait for them. Then those that are linked from then on are of code that
 * can be suspended while it computes: that costs where nobody computes for long, so it is not done before (wasm/limits/interruptible.ts).
 *
 * What is measured are turns of the event loop, each divided by how many guests go on in it: a pause of the engine's hits many of
 * them, or none. That is first done by the clock, which costs nothing; what looks long there may be another process's doing, so the
 * CPU time decides.
 */
export class BusyGuests {
  readonly #component: CompiledComponent;
  readonly #poll: Poll;
  readonly #cpuTime: () => number;
  /** Called once, when it is so. */
  found: () => void = () => {};
  #interruptor: typeof interruptor | undefined;
  /** When guests first went on in this turn, and how many did; undefined: none. */
  #since: number | undefined;
  #going = 0;
  /** The CPU time by then, where turns are suspected. */
  #cpuSince = 0;
  /** By the clock they are long. */
  #suspects = false;
  #held = false;
  /** How often guests have gone on in cold code. */
  #cold = 0;
  #window = 0;
  #busy = 0;
  #over = false;

  /**
   * @param poll The server's, in whose turns guests go on
   * @param cpuTime As `Machine.cpuTime`
   */
  constructor(component: CompiledComponent, poll: Poll, cpuTime: () => number) {
    this.#component = component;
    this.#poll = poll;
    this.#cpuTime = cpuTime;
  }

  /** Set while guests are to ask whether they may go on. */
  get interruptor(): typeof interruptor | undefined {
    return this.#interruptor;
  }

  /** A guest goes on. */
  readonly guestResumed = (): void => {
    if (this.#over) return;
    this.#going++;
    this.#begin();
  };

  /** The host does something for guests that takes long: this turn does not count. */
  hold(): void {
    if (this.#over) return;
    this.#held = true;
    this.#begin();
  }

  #begin(): void {
    if (this.#since !== undefined) return;
    this.#since = this.#poll.now();
    if (this.#suspects) this.#cpuSince = this.#cpuTime();
    this.#poll.soon(this.#turned);
  }

  readonly #turned = (): void => {
    const now = this.#poll.now();
    const took = now - this.#since!;
    const going = this.#going;
    const held = this.#held;
    this.#since = undefined;
    this.#going = 0;
    this.#held = false;
    this.#cold = Math.min(COLD, this.#cold + going);
    if (held || took / going < LONG || this.#cold < COLD || this.#over) return;
    const long = this.#suspects ? this.#cpuTime() - this.#cpuSince : took;
    if (now - this.#window > WINDOW) {
      this.#window = now;
      this.#busy = 0;
      this.#suspects = false;
    }
    if (long / going < LONG) return;
    this.#busy += long;
    if (this.#busy < MUCH) return;
    if (!this.#suspects) {
      this.#suspects = true;
      this.#busy = 0;
      return;
    }
    this.#over = true;
    void this.#makeInterruptible();
  };

  async #makeInterruptible(): Promise<void> {
    const { interruptible, interruptor } = await import("../../wasm/limits/interruptible.ts");
    try {
      this.#component.makeInterruptible(interruptible);
    } catch (error) {
      // code that the engine takes and this does not know
      if (!(error instanceof ParseError)) throw error;
      return;
    }
    this.#interruptor = interruptor;
    this.found();
  }
}
