import { Trap } from "../../core/wait/errors.ts";
import type { Waiting } from "../../core/wait/waiting.ts";
import { extraResourceWeight, type ResourceClass } from "../host.ts";
import { GuestResourceClass } from "./guest-class.ts";
import type { InstanceState } from "./state.ts";

export type Destroy = (representation: unknown, caller: InstanceState | undefined) => Waiting<void>;

/**
 * A resource type at run time. A host's resource is represented by its object, and identified by its class. A component's resource
 * is represented by an i32 that the component chose; the host sees it as an instance of `guestClass`.
 */
export class ResourceType {
  readonly name: string;
  /** The host's class; undefined for a component's resource. */
  readonly hostClass: ResourceClass | undefined;
  /** The instance that implements it; undefined for a host's resource. */
  readonly owner: InstanceState | undefined;
  /** Destroys a representation whose own handle was dropped by `caller` (undefined: the host). */
  readonly destroy: Destroy;
  /** Whether `destroy` may return a promise. */
  readonly mayWait: () => boolean;
  /** For a host's resource: see host.ts. */
  readonly extraResourceWeight: ((representation: never) => number) | undefined;
  #guestClass: GuestResourceClass | undefined;

  constructor(
    name: string,
    hostClass: ResourceClass | undefined,
    owner: InstanceState | undefined,
    destroy: Destroy,
    mayWait: () => boolean,
  ) {
    this.name = name;
    this.hostClass = hostClass;
    this.owner = owner;
    this.destroy = destroy;
    this.mayWait = mayWait;
    this.extraResourceWeight = hostClass?.[extraResourceWeight];
  }

  /** The host's view of a component's resource. */
  get guestClass(): GuestResourceClass {
    this.#guestClass ??= new GuestResourceClass(this);
    return this.#guestClass;
  }
}

/** The borrow handles of one call into a component. They must be dropped before it returns. */
export class BorrowScope {
  borrows = 0;
}

/** An entry of a table: a handle on a resource, or an object of component model async. */
export interface TableEntry {
  readonly resource: ResourceType | undefined;
}

export class Handle implements TableEntry {
  readonly resource: ResourceType;
  readonly representation: unknown;
  /** The call that it is borrowed in; undefined for an own handle. */
  readonly scope: BorrowScope | undefined;
  /** The number of resources that it counts as beside itself. */
  readonly extraResourceWeight: number;
  /** The number of borrows of it that are under way. */
  lends = 0;

  constructor(
    resource: ResourceType,
    representation: unknown,
    scope: BorrowScope | undefined,
    extraResourceWeight: number,
  ) {
    this.resource = resource;
    this.representation = representation;
    this.scope = scope;
    this.extraResourceWeight = extraResourceWeight;
  }
}

const maxHandles = 2 ** 28 - 1;

/** The number of removed handles whose indices are remembered. */
const REMEMBERED = 1024;

export function unknownHandle(index: number): Trap {
  return new Trap(`unknown handle index ${index >>> 0}`);
}

/** Counts the handles of all instances that one instantiation makes, and limits their number. */
export class HandleBudget {
  live = 0;
  /** The handles that are not on resources. */
  #others = 0;
  /** The resources that handles count as beside themselves. */
  #extraResourceWeight = 0;
  /** The resources that tasks, calls, sets, streams and futures count as. They have a limit of their own. */
  #concurrent = 0;
  /** wasmtime's -Smax-resources and -Smax-component-handles. A call's borrows count against the latter, too. */
  readonly #resources: number;
  readonly #handles: number;

  constructor(resources: number, handles: number) {
    this.#resources = resources;
    // The guest's own task counts as one.
    this.#handles = handles - 1;
  }

  /** The number of handles that a call may still lend. */
  get lendable(): number {
    return this.#handles - this.live;
  }

  add(extraResourceWeight: number): void {
    if (this.live - this.#others + this.#extraResourceWeight + extraResourceWeight >= this.#resources) full();
    this.#extraResourceWeight += extraResourceWeight;
    this.#count();
  }

  /** Counts a handle that is not on a resource. */
  addHandle(): void {
    this.#count();
    this.#others++;
  }

  #count(): void {
    if (this.live >= this.#handles) throw new Trap("cannot allocate another handle: store handle limit exceeded");
    this.live++;
  }

  removeHandle(): void {
    this.live--;
    this.#others--;
  }

  /** Counts an object of component model async, as the number of entries that wasmtime has for it in a table of the same size. */
  addConcurrent(weight: number): void {
    if (this.#concurrent + weight > this.#resources) full();
    this.#concurrent += weight;
  }

  removeConcurrent(weight: number): void {
    this.#concurrent -= weight;
  }

  /** Counts own handles that are lent for longer than a call takes. */
  lend(count: number): void {
    if (this.live + count > this.#handles) throw new Trap("cannot lend resource: store handle limit exceeded");
    this.live += count;
    this.#others += count;
  }

  giveBack(count: number): void {
    this.live -= count;
    this.#others -= count;
  }

  remove(extraResourceWeight: number): void {
    this.live--;
    this.#extraResourceWeight -= extraResourceWeight;
  }

  /** Resets all counts to 0. */
  clear(): void {
    this.live = 0;
    this.#others = 0;
    this.#extraResourceWeight = 0;
    this.#concurrent = 0;
  }
}

function full(): never {
  throw new Trap("resource table has no free keys");
}

/**
 * The handles of one component instance. Index 0 is never used. Freed indices are used again, the last freed first (Canonical ABI,
 * "Table State").
 */
export class HandleTable {
  readonly slots: (TableEntry | undefined)[] = [undefined];
  readonly #free: number[] = [];
  readonly budget: HandleBudget;
  /** The number of handles removed so far; and the indices of the last of them, each at its number modulo REMEMBERED. */
  removals = 0;
  readonly #removed: number[] = [];
  #firstRemembered = 0;

  constructor(budget: HandleBudget) {
    this.budget = budget;
  }

  add(resource: ResourceType, representation: unknown, scope?: BorrowScope): number {
    const extraResourceWeight =
      resource.extraResourceWeight === undefined ? 0 : resource.extraResourceWeight(representation as never);
    this.budget.add(extraResourceWeight);
    return this.#put(new Handle(resource, representation, scope, extraResourceWeight));
  }

  /** Adds an entry that is not a resource's. Returns its index. */
  addEntry(entry: TableEntry): number {
    this.budget.addHandle();
    return this.#put(entry);
  }

  /** Removes the entry at `index`, which is not a resource's. */
  removeEntry(index: number): void {
    this.#release(index);
    this.budget.removeHandle();
  }

  #put(entry: TableEntry): number {
    const index = this.#free.pop();
    if (index !== undefined) {
      this.slots[index] = entry;
      return index;
    }
    if (this.slots.length > maxHandles) throw new Trap("cannot allocate another handle: index overflow");
    return this.slots.push(entry) - 1;
  }

  /**
   * Returns the index of the nth handle that was removed, from 0; undefined if that was too long ago, or if all were removed at
   * once.
   */
  removed(nth: number): number | undefined {
    if (nth < this.#firstRemembered || this.removals - nth > REMEMBERED) return undefined;
    return this.#removed[nth % REMEMBERED];
  }

  addBorrow(resource: ResourceType, representation: unknown, scope: BorrowScope): number {
    scope.borrows++;
    return this.add(resource, representation, scope);
  }

  get(index: number, resource: ResourceType): Handle {
    const found = this.slots[index];
    if (found === undefined || found.resource !== resource) return this.fail(index);
    return found as Handle;
  }

  /** Throws the reason why `get` does not find a handle. */
  fail(index: number): never {
    const found = this.slots[index];
    if (found === undefined) throw unknownHandle(index);
    if (found.resource === undefined) throw new Trap(`index ${index >>> 0} is not a resource`);
    throw new Trap(
      `handle index ${index} used with the wrong type, expected guest-defined resource but found a different guest-defined resource`,
    );
  }

  #remove(index: number, found: Handle): void {
    if (found.lends !== 0) throw new Trap("cannot remove owned resource while borrowed");
    this.#release(index);
    this.#removed[this.removals++ % REMEMBERED] = index;
    this.budget.remove(found.extraResourceWeight);
  }

  #release(index: number): void {
    this.slots[index] = undefined;
    this.#free.push(index);
  }

  /** `lift_own`: removes the handle and returns the representation. */
  takeOwn(index: number, resource: ResourceType): unknown {
    const found = this.get(index, resource);
    this.#remove(index, found);
    if (found.scope !== undefined) throw new Trap("cannot lift own resource from a borrow");
    return found.representation;
  }

  /** Removes all handles without dropping their resources: the table is as it was at first. */
  clear(): void {
    while (this.slots.length > 1) this.slots.pop();
    while (this.#free.length > 0) this.#free.pop();
    // Indices that were remembered elsewhere are all invalid now.
    this.#firstRemembered = ++this.removals;
  }

  /** `resource.drop` */
  drop(index: number, resource: ResourceType, caller: InstanceState): Waiting<void> {
    const found = this.get(index, resource);
    this.#remove(index, found);
    if (found.scope === undefined) return resource.destroy(found.representation, caller);
    found.scope.borrows--;
  }
}
