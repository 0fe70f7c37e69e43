/** Resources that open a lane of their own: what is made of them belongs to it. */
const openers: ReadonlySet<string> = new Set(["tcp-socket", "udp-socket", "descriptor"]);

export interface Lane {
  readonly id: number;
  readonly name: string;
}

interface Entry {
  readonly name: string;
  readonly lane: Lane;
}

/** Lane of what belongs to no socket or file. */
export const guestLane: Lane = { id: 0, name: "guest" };

/**
 * Names resources by their kind and a number, in the order in which a trace meets them: `tcp-socket#3`. A number is not given
 * again. A resource belongs to the lane of the socket or file that it was made of.
 */
export class Handles {
  readonly #entries = new WeakMap<object, Entry>();
  readonly #counts = new Map<string, number>();
  #lanes = 0;
  /** Where what is met first in the call under way belongs. */
  #lane = guestLane;

  /** @param self What the function is a method of. */
  enter(self: object | undefined): Lane {
    this.#lane = (self && this.#entries.get(self)?.lane) ?? guestLane;
    return this.#lane;
  }

  /** A lane that is no resource's, for what happens from now on. */
  open(name: string): Lane {
    return { id: ++this.#lanes, name };
  }

  name(resource: object, kind: string): string {
    const known = this.#entries.get(resource);
    if (known !== undefined) return known.name;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    const name = `${kind}#${count}`;
    // The streams that accept answers belong to the new socket, which it answers first.
    if (openers.has(kind)) this.#lane = { id: ++this.#lanes, name };
    this.#entries.set(resource, { name, lane: this.#lane });
    return name;
  }
}
