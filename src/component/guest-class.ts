import type { InstanceState } from "./state.ts";

/** What this needs of a resource type. */
export interface Destroyable {
  readonly name: string;
  destroy(representation: unknown, caller: InstanceState | undefined): void;
}

interface Held {
  readonly representation: unknown;
  owned: boolean;
}

/** A component's resource as the host sees it: a class whose instances stand for its representations. */
export class GuestResourceClass {
  readonly hostView: new (
    ...args: unknown[]
  ) => Disposable;
  readonly #held = new WeakMap<object, Held>();
  readonly #resource: Destroyable;
  #construct: ((...args: unknown[]) => unknown) | undefined;

  constructor(resource: Destroyable) {
    this.#resource = resource;
    const construct = (args: unknown[]): Disposable => this.#new(args);
    const dispose = (object: object): void => this.#dispose(object);
    this.hostView = class {
      constructor(...args: unknown[]) {
        // biome-ignore lint/correctness/noConstructorReturn: the component's constructor makes the object
        return construct(args);
      }

      [Symbol.dispose](): void {
        dispose(this);
      }
    };
  }

  /** Sets what `new` calls: the exported `[constructor]`. */
  constructBy(construct: (...args: unknown[]) => unknown): void {
    this.#construct = construct;
  }

  #new(args: unknown[]): Disposable {
    const made = this.#construct?.(...args);
    if (made instanceof this.hostView) return made;
    throw new TypeError("this resource has no constructor");
  }

  wrap(representation: unknown, owned: boolean): Disposable {
    const object: Disposable = Object.create(this.hostView.prototype);
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

  /** Dropping twice, or after it was given away, does nothing. */
  #dispose(object: object): void {
    const held = this.#held.get(object);
    if (held === undefined) return;
    this.#held.delete(object);
    if (held.owned) this.#resource.destroy(held.representation, undefined);
  }
}
