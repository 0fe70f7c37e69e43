/** What the handles of model.ts stand for, and how a guest is ended there. */
const [COMPLETED, DROPPED, CANCELLED] = [0, 1, 2];
const STARTED = 1;

/** The guest is to be ended, with these words. */
export class ModelTrap extends Error {
  readonly kind: "engine" | "host";

  constructor(kind: "engine" | "host", text: string) {
    super(text);
    this.kind = kind;
  }
}

export const engine = (text: string): never => {
  throw new ModelTrap("engine", text);
};
export const host = (text: string): never => {
  throw new ModelTrap("host", text);
};

export const inSet = "waitable cannot be used synchronously while added to a waitable set";
export const busy = "cannot have concurrent operations active on a future/stream";

export interface Payload {
  readonly kind: "stream" | "future";
  readonly size: number;
}

/** By the names of guest.ts. */
export const payloads: Readonly<Record<string, Payload>> = {
  bytes: { kind: "stream", size: 1 },
  words: { kind: "stream", size: 4 },
  units: { kind: "stream", size: 0 },
  number: { kind: "future", size: 4 },
  unit: { kind: "future", size: 0 },
};

export class WaitSet {
  /** Those with an event, in the order in which they had it. */
  readonly events: Waitable[] = [];
  members = 0;
}

export abstract class Waitable {
  index = 0;
  set: WaitSet | undefined;
  pending = false;

  notify(): void {
    if (this.pending) return;
    this.pending = true;
    this.set?.events.push(this);
  }

  settle(): void {
    this.pending = false;
    const events = this.set?.events ?? [];
    if (events.includes(this)) events.splice(events.indexOf(this), 1);
  }

  join(set: WaitSet | undefined): void {
    if (this.set === set) return;
    if (this.set !== undefined) {
      this.set.members--;
      if (this.pending) this.set.events.splice(this.set.events.indexOf(this), 1);
    }
    this.set = set;
    if (set === undefined) return;
    set.members++;
    if (this.pending) set.events.push(this);
  }

  abstract readonly code: number;
  abstract take(): number;
}

/** A call of the host's. */
export class Call extends Waitable {
  readonly code = 1;
  state = STARTED;
  told = false;
  readonly out: number;
  /** What the host knows it by. */
  readonly job: number;

  constructor(out: number, job: number) {
    super();
    this.out = out;
    this.job = job;
  }

  override take(): number {
    this.settle();
    this.told = true;
    return this.state;
  }
}

/** What a host's end does at each attempt. */
export type Answer = number | "would-block" | "closed";

/** The host's end of a stream. */
export interface HostEnd {
  readonly answers: Answer[];
  closed: boolean;
  /** Whether a read tries at once. */
  hopeful: boolean;
  /** Whether the last copy had to wait: one of nothing then does, too. */
  waited: boolean;
  parked: End | undefined;
  readonly job: number;
  /** What the next byte is, of those that the host produces. */
  next: number;
}

export interface Shared {
  dropped: boolean;
  waiting: End | undefined;
  producer: HostEnd | undefined;
  consumer: HostEnd | undefined;
}

export class End extends Waitable {
  readonly of: string;
  readonly way: "read" | "write";
  readonly shared: Shared;
  copying = false;
  done = false;
  completed = false;
  result = COMPLETED;
  ptr = 0;
  length = 0;
  progress = 0;

  constructor(of: string, way: "read" | "write", shared: Shared) {
    super();
    this.of = of;
    this.way = way;
    this.shared = shared;
  }

  get payload(): Payload {
    return payloads[this.of]!;
  }

  get code(): number {
    const read = this.payload.kind === "stream" ? 2 : 4;
    return this.way === "read" ? read : read + 1;
  }

  complete(result: number): void {
    this.result = result;
    this.completed = true;
    this.notify();
  }

  override take(): number {
    this.settle();
    return this.finish();
  }

  finish(): number {
    this.copying = false;
    this.completed = false;
    if (this.shared.waiting === this) this.shared.waiting = undefined;
    if (this.payload.kind === "future") {
      this.done = this.result !== CANCELLED;
      return this.result;
    }
    this.done = this.result === DROPPED;
    return this.result | (this.progress << 4);
  }
}
