import type { HostFuture, ReadableFuture } from "../streams.ts";
import { COMPLETED, type CopyEnd, DROPPED, type Shared, transfer } from "./copy-end.ts";

/** A future (CanonicalABI.md, `SharedFutureImpl`): a stream of one value, which must be written. */
export class Future implements Shared, ReadableFuture {
  readonly kind = "future";
  /** What the host gives. */
  readonly #given: HostFuture | undefined;
  /** The guest's read or write that waits for the other. */
  #waiting: CopyEnd | undefined;
  /** The host reads it. */
  #then: ((value: unknown) => void) | undefined;
  #dropped = false;

  constructor(given?: HostFuture) {
    this.#given = given;
  }

  copy(end: CopyEnd): void {
    if (end.way === "read" && this.#given !== undefined) this.#readGiven(end, this.#given);
    else if (this.#then !== undefined) this.#tell(end, this.#then);
    else if (this.#dropped) end.complete(DROPPED);
    else if (this.#waiting === undefined) this.#waiting = end;
    else {
      const waiting = this.#waiting;
      this.#waiting = undefined;
      if (end.way === "read") transfer(waiting, end);
      else transfer(end, waiting);
      waiting.complete(COMPLETED);
      end.complete(COMPLETED);
    }
  }

  #readGiven(end: CopyEnd, given: HostFuture): void {
    this.#waiting = end;
    given.read((value) => {
      if (this.#waiting !== end) return;
      this.#waiting = undefined;
      end.element?.store(value, end.ptr);
      end.progress = 1;
      end.complete(COMPLETED);
    });
  }

  #tell(end: CopyEnd, then: (value: unknown) => void): void {
    end.progress = 1;
    end.complete(COMPLETED);
    then(end.element?.load(end.ptr));
  }

  settled(end: CopyEnd): void {
    if (this.#waiting === end) this.#waiting = undefined;
  }

  cancel(end: CopyEnd): void {
    this.settled(end);
  }

  dropEnd(end: CopyEnd): void {
    if (end.way === "read") this.drop();
  }

  read(then: (value: unknown) => void): void {
    if (this.#given !== undefined) {
      this.#given.read(then);
      return;
    }
    this.#then = then;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) this.#tell(waiting, then);
  }

  /** Nobody reads it. */
  drop(): void {
    if (this.#given !== undefined) {
      this.#given.drop();
      return;
    }
    this.#dropped = true;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.complete(DROPPED);
  }
}
