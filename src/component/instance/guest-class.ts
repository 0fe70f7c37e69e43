import type { Waiting } from "../../core/wait/waiting.ts";
import type { InstanceState } from "./state.ts";

/** The part of a resource type that this needs. */
export interface Destroyable {
  readonly name: string;
  destroy(representation: unknown, caller: InstanceState | undefined): Waiting<void>;
}

interface Held {
  readonly representation: unknown;
  owned: boolean;
}

/** Disposed of with `using`, or with `await using` if the component may be suspended: both disposers then return promises. */
interface GuestResource {
  [Symbol.dispose](): Waiting<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * A component's resource as the host sees it: a class whose instances stand for representations. If its constructor may be
 * suspended, `new` returns a promise of the instance.
 */
export class GuestResourceClass {
  readonly hostView: new (
    ...args: unknown[]
  ) => GuestResource;
  readonly #held = new WeakMap<object, Held>();
  readonly #resource: Destroyable;
  #construct: ((...args: unknown[]) => unknown) | undefined;

  constructor(resource: Destroyable) {
    this.#resource = resource;
    const construct = (args: unknown[]) => this.#new(args);
    const dispose = (object: object) => this.#dispose(object);
    this.hostView = class {
      constructor(...args: unknown[]) {
        // biome-ignore lint/correctness/noConstructorReturn: the component's constructor makes the object
        return construct(args) as GuestResource;
      }

      [Symbol.dispose](): Waiting<void> {
        return dispose(this);
      }

      async [Symbol.asyncDispose](): Promise<void> {
        await dispose(this);
      }
    };
  }

  /** Sets the function that `new` calls: the exported `[constructor]`. */
  constructBy(construct: (...args: unknown[]) => unknown): void {
    this.#construct = construct;
  }

  #new(args: unknown[]): GuestResource | Promise<GuestResource> {
    const made = this.#construct?.(...args);
    return made instanceof Promise ? made.then((later) => this.#checked(later)) : this.#checked(made);
  }

  #checked(made: unknown): GuestResource {
    if (made instanceof this.hostView) return made;
    throw new TypeError("this resource has no constructor");
  }

  wrap(representation: unknown, owned: boolean): GuestResource {
    const object: GuestResource = Object.create(this.hostView.prototype);
    this.#held.set(object, { representation, owned });
    return object;
  }

  #find(object: unknown): Held {
    const held = typeof object === "object" && object !== null ? this.#held.get(object) : undefined;
    if (held === undefined) throw new TypeError(`not a "${this.#resource.name}" resource, or one that was given away`);
    return held;
  }

  borrow(object: unknown): unknown {
    return this.#find(object).representation;
  }

  take(object: unknown): unknown {
    const held = this.#find(object);
    if (!held.owned) throw new TypeError(`the "${this.#resource.name}" resource is borrowed: it cannot be given away`);
    this.#held.delete(object as object);
    return held.representation;
  }

  /** Drops a resource. Does nothing if it was dropped or given away. */
  #dispose(object: object): Waiting<void> {
    const held = this.#held.get(object);
    if (held === undefined) return;
    this.#held.delete(object);
    if (held.owned) return this.#resource.destroy(held.representation, undefined);
  }
}
