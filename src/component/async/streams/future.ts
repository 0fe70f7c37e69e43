import { type Condition, Waiter } from "../../../core/wait/condition.ts";
import type { HostFuture, ReadableFuture } from "../../streams.ts";
import type { HostOperation } from "../host-operations.ts";
import type { Scheduler } from "../scheduler.ts";
import { COMPLETED, type CopyEnd, DROPPED, refuseWithin, Shared, transfer } from "./copy-end.ts";

/** A future (CanonicalABI.md, `SharedFutureImpl`): a stream of one value, which must be written. */
export class Future extends Shared implements ReadableFuture {
  override readonly kind = "future";
  readonly #scheduler: Scheduler;
  /** The host's future, if the host gives the value. */
  readonly #given: HostFuture | undefined;
  /** The wait for it, if background work of the host resolves it. */
  readonly #resolution: Resolution | undefined;
  /** The guest's read or write that waits for the other. */
  #waiting: CopyEnd | undefined;
  /** The host's reader. */
  #then: ((value: unknown) => void) | undefined;
  #dropped = false;

  constructor(scheduler: Scheduler, given?: HostFuture) {
    super();
    this.#scheduler = scheduler;
    this.#given = given;
    this.#resolution = given?.readiness && new Resolution(given.readiness);
  }

  override copy(end: CopyEnd): void {
    if (end.way === "read" && this.#given !== undefined) this.#readGiven(end, this.#given);
    else if (this.#then !== undefined) this.#tell(end, this.#then);
    else if (this.#dropped) end.complete(DROPPED);
    else if (this.#waiting === undefined) this.#waiting = end;
    else {
      const waiting = this.#waiting;
      refuseWithin(end, waiting);
      this.#waiting = undefined;
      if (end.way === "read") transfer(waiting, end);
      else transfer(end, waiting);
      waiting.complete(COMPLETED);
      end.complete(COMPLETED);
    }
  }

  #readGiven(end: CopyEnd, given: HostFuture): void {
    const received = (value: unknown) => {
      end.element?.store(value, end.ptr);
      end.progress = 1;
      end.complete(COMPLETED);
    };
    if (given.resolved) {
      given.read(received, throwOn);
      return;
    }
    this.#waiting = end;
    this.#expect();
    const later = (work: () => void) => {
      if (this.#waiting !== end) return;
      this.#endRead();
      this.#scheduler.deliver(work);
    };
    given.read(
      (value) => later(() => received(value)),
      (error) => later(() => throwOn(error)),
    );
  }

  #expect(): void {
    const { operations } = this.#scheduler;
    if (this.#resolution === undefined) this.#scheduler.expect();
    else {
      this.#resolution.isAwaited = true;
      operations.startWaiting(this.#resolution, this.#resolution.readiness);
    }
  }

  /** Ends the read of a host's future. */
  #endRead(): void {
    this.#waiting = undefined;
    const { operations } = this.#scheduler;
    if (this.#resolution === undefined) this.#scheduler.unexpect();
    else {
      this.#resolution.isAwaited = false;
      operations.stopWaiting();
      operations.forget(this.#resolution);
    }
  }

  #tell(end: CopyEnd, then: (value: unknown) => void): void {
    end.progress = 1;
    end.complete(COMPLETED);
    end.refuel();
    then(end.element?.load(end.ptr));
  }

  override taken(end: CopyEnd): void {
    if (this.#waiting !== end) return;
    if (this.#given === undefined) this.#waiting = undefined;
    else this.#endRead();
  }

  override cancel(end: CopyEnd): void {
    this.taken(end);
  }

  override dropEnd(end: CopyEnd): void {
    if (end.way === "read") this.drop();
  }

  read(then: (value: unknown) => void, failed?: (error: unknown) => void): void {
    if (this.#given !== undefined) {
      this.#given.read(then, failed ?? ((error) => this.#scheduler.deliver(() => throwOn(error))));
      return;
    }
    this.#then = then;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) this.#tell(waiting, then);
  }

  /** Drops the readable end. */
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

function throwOn(error: unknown): never {
  throw error;
}

/** A guest's wait for a future of the host. The future itself tells the read its value. */
class Resolution implements HostOperation {
  readonly readiness: Condition;
  readonly waiter: Waiter<HostOperation>;
  isAwaited = false;

  constructor(readiness: Condition) {
    this.readiness = readiness;
    this.waiter = new Waiter<HostOperation>(readiness, this);
  }

  advance(): void {}
}
