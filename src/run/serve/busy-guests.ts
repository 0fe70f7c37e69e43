import type { CompiledComponent } from "../../component/link/compiled.ts";
import type { Poll } from "../../core/wait/poll.ts";
import { ParseError } from "../../wasm/errors.ts";
import type { interruptor } from "../../wasm/limits/interruptible.ts";

/** A guest that computes for longer than this before it waits holds others up, ns. */
const LONG_TURN_NS = 10e6;

/** This much of it within `WINDOW_NS` is no accident, ns. */
const BUSY_NS = 100e6;
const WINDOW_NS = 10e9;

/** How many first computations do not count, as cold code takes as long. */
const COLD_RUNS = 16;

/**
 * Detects guests that compute for so long that others wait for them. New instances are then made from code that can be
 * suspended while it computes. That code is slower where no guest computes for long, so it is not used before
 * (wasm/limits/interruptible.ts).
 *
 * Turns of the event loop are measured, each divided by the number of guests that run in it: a pause of the engine
 * affects many of them, or none. The clock is used first, which costs nothing. Turns that look long may be another
 * process's doing, so the CPU time decides.
 */
export class BusyGuests {
  readonly #component: CompiledComponent;
  readonly #poll: Poll;
  readonly #cpuTime: () => number;
  /** Called once, when such guests are detected. */
  onDetected: () => void = () => {};
  #interruptor: typeof interruptor | undefined;
  /** When guests first ran in this turn, and how many did; undefined: none. */
  #since: number | undefined;
  #going = 0;
  /** The CPU time at `#since`, if turns are suspected. */
  #cpuSince = 0;
  /** Whether turns are long by the clock. */
  #suspects = false;
  #excluded = false;
  /** How many computations were in cold code. */
  #cold = 0;
  #window = 0;
  #busy = 0;
  #over = false;

  /**
   * @param poll the server's, in whose turns guests run
   * @param cpuTime as `Machine.cpuTime`
   */
  constructor(component: CompiledComponent, poll: Poll, cpuTime: () => number) {
    this.#component = component;
    this.#poll = poll;
    this.#cpuTime = cpuTime;
  }

  /** Set while guests have to ask whether they may continue. */
  get interruptor(): typeof interruptor | undefined {
    return this.#interruptor;
  }

  /** Records that a guest starts or continues. */
  readonly guestRuns = (): void => {
    if (this.#over) return;
    this.#going++;
    this.#begin();
  };

  /** Records that the host does long work for guests: this turn does not count. */
  excludeTurn(): void {
    if (this.#over) return;
    this.#excluded = true;
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
    const excluded = this.#excluded;
    this.#since = undefined;
    this.#going = 0;
    this.#excluded = false;
    this.#cold = Math.min(COLD_RUNS, this.#cold + going);
    if (excluded || took / going < LONG_TURN_NS || this.#cold < COLD_RUNS || this.#over) return;
    const long = this.#suspects ? this.#cpuTime() - this.#cpuSince : took;
    if (now - this.#window > WINDOW_NS) {
      this.#window = now;
      this.#busy = 0;
      this.#suspects = false;
    }
    if (long / going < LONG_TURN_NS) return;
    this.#busy += long;
    if (this.#busy < BUSY_NS) return;
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
      // The engine accepts this code, but the parser does not know it.
      if (!(error instanceof ParseError)) throw error;
      return;
    }
    this.#interruptor = interruptor;
    this.onDetected();
  }
}
