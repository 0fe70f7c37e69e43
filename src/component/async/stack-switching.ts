/**
 * Tells from the canonical definitions of a component, before anything is instantiated, whether one stack is enough for its
 * instances.
 *
 * A call that waits inside a guest runs the others on top of it, so the last to wait must be the first to end. That holds as long
 * as all that wait at a time form one chain: a guest, the one that it waits for, and so on. Otherwise stacks must be switched
 * (JSPI).
 */
import { type AsyncBuiltin, isThreadBuiltin } from "../binary/canon.ts";
import { type Argument, type Component, type Definition, hasDefinition } from "../binary/component.ts";
import type { ExternType } from "../types/types.ts";

export interface CallGraph {
  /** Whether components call async functions of one another. */
  readonly crossComponent: boolean;
  readonly switchesStacks: boolean;
}

const apart: CallGraph = { crossComponent: false, switchesStacks: false };

/** The most instances that are looked at. Linking fails before a component makes as many. */
const MOST_INSTANCES = 10_000;

/** Returns the call graph of a component. @param component The outermost one */
export function callGraph(component: Component): CallGraph {
  // Each thread may run at any time.
  const threads = hasDefinition(component, ({ kind }) => isThreadBuiltin(kind));
  if (!component.definitions.some(({ kind }) => kind === "component")) return { ...apart, switchesStacks: threads };
  const nodes: Node[] = [];
  const root = new Walk({ component, outer: undefined }, nodes);
  root.run((_, type) => hostItem(type));
  const waiting = new Set(nodes.filter((node) => node.waits));
  const calls = nodes.flatMap((node) => node.calls);
  const entries = new Set<Node>();
  let runsOn = false;
  for (const { node, ends } of functionsIn(root.exports)) {
    if (!waiting.has(node)) continue;
    entries.add(node);
    if (!ends) runsOn = true;
  }
  const inChains = calls.every(({ callee, async }) => !waiting.has(callee.node) || (!async && callee.ends));
  return { crossComponent: calls.length > 0, switchesStacks: threads || !inChains || (entries.size > 1 && runsOn) };
}

/** An async function that is lifted. */
interface AsyncLift {
  readonly kind: "lifted";
  readonly node: Node;
  /** Whether its task ends when it returns: it is lifted without `async`. */
  readonly ends: boolean;
}

type Item =
  | AsyncLift
  /** A host's function, or one that is not async. */
  | { readonly kind: "func" }
  | { readonly kind: "instance"; readonly exports: Items }
  | { readonly kind: "component"; readonly closure: Closure }
  | { readonly kind: "other" };

interface Items {
  get(name: string): Item | undefined;
  values(): Iterable<Item>;
}

interface Closure {
  readonly component: Component;
  readonly outer: Walk | undefined;
}

const plain: Item = { kind: "func" };
const other: Item = { kind: "other" };

/** Returns the item that a host gives for an import of a type. */
function hostItem(type: ExternType | undefined): Item {
  if (type?.kind === "func") return plain;
  if (type?.kind !== "instance") return other;
  const { exports } = type.type;
  return { kind: "instance", exports: { get: (name) => hostItem(exports.get(name)), values: () => [] } };
}

function* functionsIn(items: Items, seen = new Set<Items>()): Generator<AsyncLift> {
  if (seen.has(items)) return;
  seen.add(items);
  for (const item of items.values()) {
    if (item.kind === "lifted") yield item;
    else if (item.kind === "instance") yield* functionsIn(item.exports, seen);
  }
}

/** An instance: the async functions of others that it calls, and whether its code may wait inside. */
class Node {
  readonly calls: { readonly callee: AsyncLift; readonly async: boolean }[] = [];
  #waits = false;
  #cancels = false;

  get waits(): boolean {
    // Cancelling a host's call ends it at once. Another component's call ends when its task has been told.
    return this.#waits || (this.#cancels && this.calls.some(({ async }) => async));
  }

  lower(callee: Item | undefined, async: boolean): void {
    if (callee?.kind === "lifted") this.calls.push({ callee, async });
    if (!async) this.#waits = true;
  }

  builtin(builtin: AsyncBuiltin): void {
    switch (builtin.kind) {
      case "waitable-set.wait":
      case "thread.yield":
        this.#waits = true;
        return;
      case "stream.read":
      case "stream.write":
      case "future.read":
      case "future.write":
        if (!builtin.options.async) this.#waits = true;
        return;
      case "subtask.cancel":
        if (!builtin.async) this.#cancels = true;
        return;
      default:
        return;
    }
  }
}

/** Walks through the definitions of an instance as its instantiation does (link/instantiation.ts), for functions alone. */
class Walk {
  readonly #closure: Closure;
  readonly #nodes: Node[];
  readonly #node = new Node();
  readonly #funcs: Item[] = [];
  readonly #instances: Items[] = [];
  readonly components: Closure[] = [];
  readonly exports = new Map<string, Item>();

  constructor(closure: Closure, nodes: Node[]) {
    this.#closure = closure;
    this.#nodes = nodes;
    nodes.push(this.#node);
  }

  run(provide: (name: string, type: ExternType) => Item): void {
    if (this.#nodes.length > MOST_INSTANCES) return;
    for (const definition of this.#closure.component.definitions) this.#define(definition, provide);
  }

  #define(definition: Definition, provide: (name: string, type: ExternType) => Item): void {
    switch (definition.kind) {
      case "component":
        this.components.push({ component: definition.component, outer: this });
        return;
      case "instantiate": {
        const given = new Map(definition.args.map((arg) => [arg.name, this.#item(arg)]));
        const closure = this.components[definition.component];
        // There were too many instances before it, or it cannot be linked.
        if (closure === undefined) {
          this.#instances.push(new Map<string, Item>());
          return;
        }
        const inner = new Walk(closure, this.#nodes);
        inner.run((name) => given.get(name) ?? other);
        this.#instances.push(inner.exports);
        return;
      }
      case "exports":
        this.#instances.push(new Map(definition.exports.map((each) => [each.name, this.#item(each)])));
        return;
      case "alias-export":
        this.#add(this.#instances[definition.instance]?.get(definition.name));
        return;
      case "alias-outer": {
        let outer: Walk = this;
        for (let i = 0; i < definition.count; i++) outer = outer.#closure.outer!;
        if (definition.sort === "component") this.components.push(outer.components[definition.index]!);
        return;
      }
      case "lift":
        this.#funcs.push(
          definition.type.async ? { kind: "lifted", node: this.#node, ends: !definition.options.async } : plain,
        );
        return;
      case "lower":
        if (definition.type.async) this.#node.lower(this.#funcs[definition.func], definition.options.async);
        return;
      case "import":
        this.#add(provide(definition.name, definition.type));
        return;
      case "export": {
        const item = this.#item(definition);
        this.exports.set(definition.name, item);
        this.#add(item);
        return;
      }
      case "core-module":
      case "core-instantiate":
      case "core-exports":
      case "alias-core-export":
      case "resource":
      case "resource.new":
      case "resource.drop":
      case "resource.rep":
        return;
      default:
        this.#node.builtin(definition);
    }
  }

  #item({ sort, index }: Argument): Item {
    switch (sort) {
      case "func":
        return this.#funcs[index] ?? other;
      case "instance":
        return { kind: "instance", exports: this.#instances[index] ?? new Map<string, Item>() };
      case "component": {
        const closure = this.components[index];
        return closure === undefined ? other : { kind: "component", closure };
      }
      default:
        return other;
    }
  }

  #add(item: Item | undefined): void {
    switch (item?.kind) {
      case "lifted":
      case "func":
        this.#funcs.push(item);
        return;
      case "instance":
        this.#instances.push(item.exports);
        return;
      case "component":
        this.components.push(item.closure);
        return;
      default:
        return;
    }
  }
}
