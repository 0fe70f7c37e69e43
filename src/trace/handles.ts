/** Resources that get a lane of their own: resources made from them belong to it. */
const openers: ReadonlySet<string> = new Set(["tcp-socket", "udp-socket", "descriptor"]);

export interface Lane {
  readonly id: number;
  readonly name: string;
}

interface Entry {
  readonly name: string;
  readonly lane: Lane;
}

/** The lane of everything that belongs to no socket or file. */
export const guestLane: Lane = { id: 0, name: "guest" };

/**
 * Names resources by kind and number, in the order in which a trace meets them: `tcp-socket#3`. A number is not reused.
 * A resource belongs to the lane of the socket or file that it was made from.
 */
export class Handles {
  readonly #entries = new WeakMap<object, Entry>();
  readonly #counts = new Map<string, number>();
  #lanes = 0;
  /** The lane for resources that are new in the current call. */
  #lane = guestLane;

  /** Begins a call. Returns its lane. @param self the object of a method */
  enter(self: object | undefined): Lane {
    this.#lane = (self && this.#entries.get(self)?.lane) ?? guestLane;
    return this.#lane;
  }

  /** Makes a lane that belongs to no resource. */
  open(name: string): Lane {
    return { id: ++this.#lanes, name };
  }

  name(resource: object, kind: string): string {
    const known = this.#entries.get(resource);
    if (known !== undefined) return known.name;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    const name = `${kind}#${count}`;
    // The streams that accept returns belong to the new socket, which comes first in its result.
    if (openers.has(kind)) this.#lane = { id: ++this.#lanes, name };
    this.#entries.set(resource, { name, lane: this.#lane });
    return name;
  }
}
