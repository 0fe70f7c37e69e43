/** What the guests of a composition do: a list of steps for each of its functions, made by chance. */
import type { Random } from "../random.ts";
import { callsOf, type Flavor, type Func, functionsOf, has, type Operation, type Shape } from "./shape.ts";

export interface Step {
  readonly operation: Operation;
  readonly slot: number;
  readonly by: number;
}

export interface Program {
  /** The number of the function that the host calls. */
  readonly entry: number;
  /** By the numbers of functions. */
  readonly bodies: readonly (readonly Step[])[];
}

const MOST_STEPS = 14;
/** Calls of other functions in one body. */
const MOST_CALLS = 3;
/** One step of so many may be one that the guest has no reason for, most of which end it. */
const ODD = 40;

/** For subtasks; the writable ends of their streams are in those after them. */
const SLOTS = [1, 2, 3];
const OWN = 0;

const step = (operation: Operation, slot = 0, by = 0): Step => ({ operation, slot, by });

export function makeProgram(random: Random, shape: Shape): Program {
  const funcs = functionsOf(shape);
  const last = shape.length - 1;
  const entries = funcs.filter(({ component, lift }) => component === last && (lift !== "plain" || random(4) === 0));
  return {
    entry: entries[random(entries.length)]!.index,
    bodies: funcs.map((func) => new Body(random, shape, func).steps()),
  };
}

/** What a slot has, as far as is known: an end with nothing under way, with a copy, or that has been told of its other's end. */
type Held = "subtask" | "cancelled" | "told" | "idle" | "copying" | "gone";

class Body {
  readonly #random: Random;
  readonly #flavor: Flavor;
  readonly #lift: Func["lift"];
  readonly #calls: ReturnType<typeof callsOf>;
  readonly #steps: Step[] = [];
  readonly #held = new Map<number, Held>();
  #called = 0;
  #pressed = 0;

  constructor(random: Random, shape: Shape, { component, lift }: Func) {
    this.#random = random;
    this.#flavor = shape[component]!;
    this.#lift = lift;
    this.#calls = callsOf(shape, component);
    if (lift !== "plain") this.#held.set(OWN, "idle");
  }

  steps(): Step[] {
    const length = 1 + this.#random(MOST_STEPS);
    for (let i = 0; i < length; i++) this.#add(this.#random(ODD) === 0 ? this.#odd() : this.#next());
    while (this.#pressed > 0) this.#add(this.#release());
    const steps = this.#steps;
    if (this.#random(4) > 0)
      for (const [slot, held] of this.#held) if (held === "idle" || held === "gone") steps.push(this.#drop(slot));
    const returns = (this.#lift === "callback" || this.#lift === "stackful") && this.#random(30) > 0;
    if (returns) steps.splice(this.#random(steps.length + 1), 0, step("return", 0, 100 + this.#random(100)));
    const value = this.#lift === "sync" || this.#lift === "plain" ? this.#random(100) : 0;
    return [...steps, step("end", 0, value)];
  }

  #add(next: Step | undefined): void {
    if (next !== undefined && has(this.#flavor, next.operation)) this.#steps.push(next);
  }

  #pick<T>(list: readonly T[]): T | undefined {
    return list.length === 0 ? undefined : list[this.#random(list.length)];
  }

  #slot(...held: readonly Held[]): number | undefined {
    return this.#pick([...this.#held].filter(([, each]) => held.includes(each)).map(([slot]) => slot));
  }

  #odd(): Step | undefined {
    const operation = this.#pick<Operation>([
      "wait",
      "yield",
      "cancel",
      "drop",
      "release",
      "press",
      "cancel-sync",
      "read",
      "write-sync",
    ])!;
    return step(operation, operation.startsWith("write") ? 5 : operation === "read" ? OWN : 1, 1);
  }

  #next(): Step | undefined {
    switch (this.#random(12)) {
      case 0:
      case 1:
      case 2:
        return this.#call();
      case 3:
      case 4:
      case 5:
        return this.#wait();
      case 6:
        return this.#subtask();
      case 7:
        return this.#random(2) === 0 ? this.#press() : this.#release();
      case 8:
      case 9:
      case 10:
        return this.#copy();
      default:
        return this.#random(3) === 0 ? this.#end() : this.#cancelCopy();
    }
  }

  #call(): Step | undefined {
    if (this.#called === MOST_CALLS) return undefined;
    const operation = this.#pick<Operation>(["call", "call", "call-sync", "call-plain"])!;
    const { async, sync, plain } = this.#calls;
    const func = this.#pick(
      { call: async, "call-sync": sync, "call-plain": plain }[operation as "call" | "call-sync" | "call-plain"],
    );
    const slot = this.#pick(SLOTS.filter((each) => !this.#held.has(each)));
    if (func === undefined || slot === undefined || (this.#lift === "plain" && operation === "call-sync"))
      return undefined;
    this.#called++;
    if (operation === "call") this.#held.set(slot, "subtask");
    if (operation !== "call-plain") this.#held.set(slot + 4, "idle");
    return step(operation, slot, func.index);
  }

  #wait(): Step | undefined {
    if (this.#lift === "plain") return undefined;
    const waits = this.#slot("subtask", "cancelled", "copying") !== undefined && this.#random(5) > 0;
    if (this.#lift === "callback" && (this.#flavor === "still" || this.#random(2) > 0))
      return step(waits ? "wait-outside" : "yield-outside");
    return step(waits ? "wait" : "yield");
  }

  #subtask(): Step | undefined {
    const slot = this.#slot("subtask", "cancelled");
    if (slot === undefined) return undefined;
    const held = this.#held.get(slot);
    const operation = this.#pick<Operation>(
      held === "subtask" ? ["cancel", "cancel", "cancel-sync", "result"] : ["result", "result", "drop"],
    )!;
    if (this.#lift === "plain" && operation === "cancel-sync") return undefined;
    if (operation.startsWith("cancel")) this.#held.set(slot, "cancelled");
    return step(operation, slot);
  }

  #press(): Step | undefined {
    this.#pressed++;
    return step("press");
  }

  #release(): Step | undefined {
    if (this.#pressed === 0) return undefined;
    this.#pressed--;
    return step("release");
  }

  #copy(): Step | undefined {
    const slot = this.#slot("idle");
    if (slot === undefined) return undefined;
    const way = slot === OWN ? "read" : "write";
    const sync = this.#lift !== "plain" && this.#flavor !== "still" && this.#random(4) === 0;
    // whether it is over is not known: then it may be cancelled, which ends a guest at times
    this.#held.set(slot, sync ? "gone" : "copying");
    return step(sync ? `${way}-sync` : way, slot, this.#random(4));
  }

  #cancelCopy(): Step | undefined {
    const slot = this.#slot("copying");
    if (slot === undefined) return undefined;
    this.#held.set(slot, "gone");
    return step(slot === OWN ? "cancel-read" : "cancel-write", slot);
  }

  #end(): Step | undefined {
    const slot = this.#slot("idle", "gone");
    return slot === undefined ? undefined : this.#drop(slot);
  }

  #drop(slot: number): Step {
    this.#held.delete(slot);
    return step(slot === OWN ? "drop-readable" : "drop-writable", slot);
  }
}
