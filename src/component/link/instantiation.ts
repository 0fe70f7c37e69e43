import { awaiting, type Steps } from "../../core/wait/steps.ts";
import type { Waiting } from "../../core/wait/waiting.ts";
import type { ModuleBudget } from "../../wasm/limits/module-budget.ts";
import type { CoreFunction } from "../../wasm/types.ts";
import type { InstanceTasks } from "../async/instance-tasks.ts";
import type { Scheduler } from "../async/scheduler.ts";
import { type CanonOptions, isThreadBuiltin } from "../binary/canon.ts";
import type { Argument, Component, CoreSort, Definition, Reference, Sort } from "../binary/component.ts";
import { type FusedCalls, FusedLowers } from "../fused/calls.ts";
import type { HandleBudget, ResourceType } from "../instance/handles.ts";
import type { Lifetime } from "../instance/lifetime.ts";
import { InstanceState } from "../instance/state.ts";
import type { ExternType, ResourceId } from "../types/types.ts";
import type { AsyncSupport } from "./async-support.ts";
import { canonLift, canonLower, definedResource, type MayWait, required, resourceBuiltin } from "./canon.ts";
import { CanonContexts } from "./canon-contexts.ts";
import type { CompiledComponent } from "./compiled.ts";
import { type CoreExports, type CoreItem, instantiateModule, type Started } from "./core-instance.ts";
import type { InstantiateOptions } from "./instantiate-options.ts";
import type { Bind, Closure, ComponentFunc, CoreModule, Exports, Item, Outer } from "./items.ts";
import type { Observe } from "./observe.ts";
import type { ResettableInstance } from "./resetting.ts";

type Provide = (name: string, type: ExternType) => Item | undefined;

/** What the instances of a component and of those in it share while they are linked. */
export interface InstantiationContext {
  readonly compiled: CompiledComponent;
  readonly instantiated: InstantiateOptions["instantiated"];
  readonly resettable: ResettableInstance | undefined;
  readonly interruptible: boolean;
  /** The component instances that have core code. */
  readonly withCode: InstanceState[];
  readonly budget: ModuleBudget;
  readonly hostcallFuel: number;
  readonly handles: HandleBudget;
  readonly mayWait: MayWait;
  readonly fused: FusedCalls;
  /** Undefined if there is nothing of component model async. */
  readonly scheduler: Scheduler | undefined;
  readonly observe: Observe | undefined;
  readonly lifetime: Lifetime | undefined;
}

/** A definition that is made without a call into a guest. */
type AtOnce = Exclude<Definition, { kind: "core-instantiate" | "instantiate" }>;

/** The core sorts that have values at run time. */
type ValueSort = Exclude<CoreSort, "type" | "module" | "instance">;

/** Whether the definition uses no core function that was lowered before it. */
function usesNoCoreFunction(definition: Definition): boolean {
  switch (definition.kind) {
    case "import":
    case "alias-export":
    case "alias-outer":
    case "exports":
      return true;
    case "lower":
      return definition.options.realloc === undefined;
    default:
      return false;
  }
}

const noOptions: CanonOptions = {
  async: false,
  callback: undefined,
  encoding: "utf8",
  memory: undefined,
  realloc: undefined,
  postReturn: undefined,
};

/** One instantiation of a component: its index spaces, filled definition by definition. */
export class Instantiation implements Bind, Outer {
  readonly #component: Component;
  readonly #cx: InstantiationContext;
  readonly #state: InstanceState;
  readonly #tasks: InstanceTasks | undefined;
  readonly #bound = new Map<ResourceId, ResourceType>();
  readonly #contexts: CanonContexts;
  readonly #fused: FusedLowers;

  readonly parent: Outer | undefined;
  readonly components: Closure[] = [];
  readonly coreModules: CoreModule[] = [];
  readonly #coreInstances: CoreExports[] = [];
  readonly #core: Record<ValueSort, CoreItem[]> = {
    func: [],
    table: [],
    memory: [],
    global: [],
    tag: [],
  };
  readonly #funcs: ComponentFunc[] = [];
  readonly #instances: Exports[] = [];
  readonly #exports = new Map<string, Item>();

  constructor(closure: Closure, parentState: InstanceState | undefined, cx: InstantiationContext) {
    this.#component = closure.component;
    this.parent = closure.outer;
    const { lifetime } = cx;
    const suspendable = cx.compiled.suspending !== undefined;
    this.#state = new InstanceState(parentState, cx.handles, suspendable, lifetime);
    lifetime?.add(this.#state);
    this.#cx = cx;
    if (cx.scheduler !== undefined) {
      const hasThreads = closure.component.definitions.some(({ kind }) => isThreadBuiltin(kind));
      this.#tasks = cx.compiled.asyncSupport?.tasks(this.#state, cx.scheduler, hasThreads);
    }
    this.#contexts = new CanonContexts(
      {
        ...this.#suspendable(),
        mayWait: cx.mayWait,
        tasks: this.#tasks,
        observe: cx.observe,
        resource: (id) => this.#resourceOf(id),
      },
      this.#core,
      cx,
    );
    this.#fused = new FusedLowers(cx.fused, this.#state, this.#tasks);
    this.#state.suspends = cx.interruptible;
    cx.budget.takeComponent();
    cx.resettable?.component(this.#state, this.#tasks);
  }

  known(id: ResourceId): ResourceType | undefined {
    return this.#bound.get(id.root);
  }

  resource(id: ResourceId, resource: ResourceType): void {
    this.#bound.set(id.root, resource);
  }

  #resourceOf(id: ResourceId): ResourceType {
    const resource = this.#bound.get(id.root);
    if (resource === undefined) throw new TypeError("a type refers to a resource that nothing was bound to");
    return resource;
  }

  /**
   * Whether its core code may be suspended wherever it is: not in a call that must return first, and not within other instances'
   * calls.
   */
  get mayInterrupt(): boolean {
    const { interruptible, scheduler, withCode } = this.#cx;
    const [only, ...others] = withCode;
    return interruptible && only?.mayLeave === true && others.length === 0 && scheduler?.current?.mayBlock !== false;
  }

  *run(provide: Provide): Steps<Exports> {
    for (const definition of this.#component.definitions) {
      if (!usesNoCoreFunction(definition)) this.#finishFused();
      if (definition.kind === "core-instantiate") {
        const { exports, start } = this.#coreInstantiate(definition);
        if (start !== undefined) yield* awaiting(start);
        this.#state.mayLeave = true;
        this.#coreInstances.push(exports);
      } else if (definition.kind === "instantiate") this.#instances.push(yield* this.#instantiate(definition));
      else this.#define(definition, provide);
    }
    this.#state.linked = true;
    return this.#exports;
  }

  #define(definition: AtOnce, provide: Provide): void {
    switch (definition.kind) {
      case "core-module":
        this.coreModules.push(definition);
        return;
      case "core-exports": {
        const exports: Record<string, CoreItem> = Object.create(null);
        for (const item of definition.exports) exports[item.name] = this.#coreItem(item);
        this.#coreInstances.push(exports);
        return;
      }
      case "component":
        this.components.push({ component: definition.component, outer: this });
        return;
      case "exports": {
        const exports = new Map<string, Item>();
        for (const item of definition.exports) this.#put(exports, item);
        this.#instances.push(exports);
        return;
      }
      case "alias-export":
        this.#add(this.#instances[definition.instance]!.get(definition.name));
        return;
      case "alias-core-export": {
        const item = this.#coreInstances[definition.instance]![definition.name];
        this.#core[definition.sort as ValueSort].push(item!);
        return;
      }
      case "alias-outer": {
        let outer: Outer = this;
        for (let i = 0; i < definition.count; i++) outer = outer.parent!;
        if (definition.sort === "module") this.coreModules.push(outer.coreModules[definition.index]!);
        else this.components.push(outer.components[definition.index]!);
        return;
      }
      case "resource":
        this.resource(
          definition.resource,
          definedResource(this.#suspendable(), this.#coreFunc(definition.dtor), this.#tasks),
        );
        return;
      case "lift":
        {
          const { func, options } = definition;
          const code = this.#cx.compiled.code(definition);
          const context = this.#contexts.of(options);
          const core = this.#coreFunc(func)!;
          const postReturn = this.#coreFunc(options.postReturn);
          if (options.async || (definition.type.async && this.#tasks !== undefined)) {
            const { async, callback } = options;
            const called = { async, callback, core, back: this.#coreFunc(callback), postReturn };
            this.#funcs.push(this.#asyncSupport().lift(code, context, called));
          } else {
            this.#funcs.push(canonLift(code, context, core, postReturn));
          }
        }
        return;
      case "lower":
        {
          const { func, options } = definition;
          const callee = this.#funcs[func]!;
          const { length } = this.#core.func;
          if (!options.async && callee.kind === "lifted" && this.#fused.add(length, definition.type, callee)) {
            // reserves its index until it is finished
            this.#core.func.length++;
            return;
          }
          const code = this.#cx.compiled.code(definition);
          const context = this.#contexts.of(options);
          const lower = options.async || definition.type.async ? this.#asyncSupport().lower : canonLower;
          this.#core.func.push(lower(code, callee, context, options.async) as CoreItem);
        }
        return;
      case "resource.new":
      case "resource.drop":
      case "resource.rep":
        this.#core.func.push(
          resourceBuiltin(definition.kind, this.#resourceOf(definition.resource), this.#suspendable()) as CoreItem,
        );
        return;
      case "import":
        this.#import(definition.name, definition.type, provide);
        return;
      case "export":
        {
          const item = this.#put(this.#exports, definition);
          this.#bind(definition.type, item);
          this.#add(item);
        }
        return;
      default: {
        const options = "options" in definition ? definition.options : noOptions;
        const memory = "memory" in definition ? definition.memory : options.memory;
        const table = "table" in definition ? (this.#core.table[definition.table] as WebAssembly.Table) : undefined;
        this.#core.func.push(
          this.#asyncSupport().builtin(
            definition,
            this.#contexts.of({ ...options, memory }),
            this.#cx.compiled.code(definition),
            table,
          ) as CoreItem,
        );
      }
    }
  }

  #finishFused(): void {
    for (const [at, func] of this.#fused.finish()) this.#core.func[at] = func as CoreItem;
  }

  /** @throws LinkError if the code for component model async was not loaded */
  #asyncSupport(): AsyncSupport {
    return required(this.#cx.compiled.asyncSupport);
  }

  #add(item: Item | undefined): void {
    switch (item?.kind) {
      case "host":
      case "lifted":
        this.#funcs.push(item);
        return;
      case "instance":
        this.#instances.push(item.exports);
        return;
      case "component":
        this.components.push(item.closure);
        return;
      case "module":
        this.coreModules.push(item.module);
        return;
    }
  }

  #item(sort: Sort, index: number): Item | undefined {
    switch (sort) {
      case "func":
        return this.#funcs[index];
      case "instance":
        return { kind: "instance", exports: this.#instances[index]! };
      case "component":
        return { kind: "component", closure: this.components[index]! };
      case "module":
        return { kind: "module", module: this.coreModules[index]! };
      default:
        return undefined;
    }
  }

  /** Binds the resources that the type of an import or instance declares to those of the item. */
  #bind(type: ExternType, item: Item | undefined): void {
    if (type.kind === "type") {
      if (type.type.kind === "resource" && item?.kind === "resource" && !this.#bound.has(type.type.resource.root)) {
        this.resource(type.type.resource, item.resource);
      }
    } else if (type.kind === "instance" && item?.kind === "instance") {
      for (const [name, inner] of type.type.exports) this.#bind(inner, item.exports.get(name));
    }
  }

  #import(name: string, type: ExternType, provide: Provide): void {
    const item = provide(name, type);
    // The host linker has bound the outermost component's resources (host-imports.ts).
    if (this.#state.parent !== undefined) this.#bind(type, item);
    this.#add(item);
  }

  *#instantiate({ component, args, type }: Definition & { kind: "instantiate" }): Steps<Exports> {
    const given = new Map(args.map((arg) => [arg.name, this.#argument(arg)]));
    const inner = new Instantiation(this.components[component]!, this.#state, this.#cx);
    const exports = yield* inner.run((name) => given.get(name));
    this.#bind({ kind: "instance", type }, { kind: "instance", exports });
    return exports;
  }

  #argument(arg: Argument): Item | undefined {
    if (arg.resource !== undefined) return { kind: "resource", resource: this.#resourceOf(arg.resource) };
    return this.#item(arg.sort, arg.index);
  }

  #put(exports: Map<string, Item>, named: Argument): Item | undefined {
    const item = this.#argument(named);
    if (item !== undefined) exports.set(named.name, item);
    return item;
  }

  #coreItem({ sort, index }: Reference<CoreSort>): CoreItem {
    return this.#core[sort as ValueSort][index]!;
  }

  #coreInstantiate({ module, args }: Definition & { kind: "core-instantiate" }): Started {
    const imports: Record<string, CoreExports> = Object.create(null);
    for (const { name, instance } of args) imports[name] = this.#coreInstances[instance]!;
    const { compiled, budget, instantiated, resettable, withCode } = this.#cx;
    if (withCode.at(-1) !== this.#state) withCode.push(this.#state);
    const found = compiled.module(this.coreModules[module]!);
    budget.take(found.defined);
    // An instance that is reset must not depend on what a start function got from its host.
    this.#state.mayLeave = resettable === undefined;
    const started = instantiateModule(found, module, imports, compiled.suspending, instantiated, (start) =>
      this.#start(start),
    );
    resettable?.core(found, started.exports);
    return started;
  }

  /** Calls a start function. It runs in a thread, too, if the instance has threads. */
  #start<R>(start: () => Waiting<R>): Waiting<R> {
    const tasks = this.#tasks;
    return tasks?.hasThreads === true ? tasks.callInto([], start, () => {}) : start();
  }

  #suspendable() {
    return { state: this.#state, suspending: this.#cx.compiled.suspending };
  }

  #coreFunc(index: number | undefined): CoreFunction | undefined {
    return index === undefined ? undefined : (this.#core.func[index] as CoreFunction);
  }
}
