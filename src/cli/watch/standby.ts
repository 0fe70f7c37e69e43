import { Failure } from "../output/failure.ts";
import { GuestProcess, type ProcessPlan } from "./watch-process.ts";

/** After a guest's start, ms: until then the processors are the guest's, and only then the next one's. */
const DELAY = 250;

/** The process of the next guest, which stands by. */
export class Standby {
  readonly #plan: ProcessPlan;
  readonly #spawned: () => void;
  /** Undefined where it could not be started: the next guest is then tried anew. */
  #next: Promise<GuestProcess | undefined> | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param spawned Called when a process has been started. */
  constructor(plan: ProcessPlan, spawned = () => {}) {
    this.#plan = plan;
    this.#spawned = spawned;
  }

  /** The next guest's. Returns why there is none; throws as `GuestProcess.spawn`. */
  async take(): Promise<GuestProcess | Failure> {
    clearTimeout(this.#timer);
    const next = await this.#next;
    this.#next = undefined;
    return next?.running ? next : await this.#spawn();
  }

  /** A guest has just started: there shall be a process for the one after it. */
  prepare(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#next = this.#spawn().then((made) => (made instanceof Failure ? undefined : made));
    }, DELAY);
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    clearTimeout(this.#timer);
    await (await this.#next)?.stop(signal);
  }

  async #spawn(): Promise<GuestProcess | Failure> {
    const made = await GuestProcess.spawn(this.#plan);
    this.#spawned();
    return made;
  }
}
