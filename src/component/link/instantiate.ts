import { Aborted } from "../../core/wait/errors.ts";
import { runSync, type Steps } from "../../core/wait/steps.ts";
import type { Waiting } from "../../core/wait/waiting.ts";
import { LinkError } from "../../wasm/errors.ts";
import { ModuleBudget } from "../../wasm/limits/module-budget.ts";
import type { WaitGoal } from "../async/host-callers.ts";
import type { Scheduler } from "../async/scheduler.ts";
import { FusedCalls } from "../fused/calls.ts";
import { type HostImports, mayWait } from "../host.ts";
import { HandleBudget } from "../instance/handles.ts";
import { Lifetime } from "../instance/lifetime.ts";
import type { MayWait } from "./canon.ts";
import type { CompiledComponent } from "./compiled.ts";
import { jsExports } from "./exports.ts";
import { declaresMayWait, HostLinker } from "./host-imports.ts";
import type { InstantiateOptions } from "./instantiate-options.ts";
import { Instantiation, type InstantiationContext } from "./instantiation.ts";
import type { ResettableInstance } from "./resetting.ts";

export interface ComponentInstance {
  /**
   * As jco shapes them: functions in camelCase, interfaces as objects under their full name, the newest of each without
   * version, and under their label alone; resources as classes.
   */
  readonly exports: { readonly [name: string]: unknown };
  /**
   * Lets tasks of async functions run until all have ended: they may run on after they have returned. Also moves the streams that
   * they have passed on from host to host.
   *
   * @param goal Whether they may wait for later calls of the host, too. As in `InstantiateOptions` unless given
   * @throws the error that ended one of them
   */
  finishTasks(goal?: WaitGoal): Waiting<void>;
  /** Runs its tasks, for callers that need more than `finishTasks`; undefined if it has nothing of component model async. */
  readonly scheduler: Scheduler | undefined;
  /**
   * Resets it to its initial state, for another guest that must find nothing of the one before. Nothing of that one may be under
   * way, or come back.
   *
   * @returns Whether it could be reset (resetting.ts)
   */
  reset(): boolean;
  /** Whether all of its code belongs to one component instance: otherwise it cannot be suspended while it computes. */
  readonly single: boolean;
  /** Whether its code, which is on the stack, can be suspended by a host function that it calls. Only where that was asked for. */
  mayInterrupt(): boolean;
  /** The size of its memories, bytes, if it can be reset. */
  readonly size: number;
  /**
   * Identifies the host's task whose code runs, or ran last. Calls between components run for that task. Undefined if it is no
   * async function's.
   */
  runningTask(): object | undefined;
  /**
   * Ends it, if it is `endable`: nothing of it runs again. All calls into it, also those under way, fail with that error, unless
   * something else has ended it before.
   */
  end(reason: Error): void;
}

/**
 * Links a component with the host's imports and instantiates it. Core start functions run now.
 *
 * @throws LinkError if an import is missing or the engine refuses a core module; LimitError if it makes more instances, tables or
 * memories than `options` allow
 */
export function instantiateComponent(
  component: CompiledComponent,
  imports: HostImports,
  options: InstantiateOptions = {},
): ComponentInstance {
  return runSync(linkComponent(component, imports, options));
}

/**
 * As `instantiateComponent`, in steps that wait while a start function is suspended. Where guests are suspended, exported functions
 * return promises.
 */
export function* linkComponent(
  compiled: CompiledComponent,
  imports: HostImports,
  options: InstantiateOptions,
): Steps<ComponentInstance> {
  if (compiled.resetting !== undefined && !compiled.startCallsOut) {
    try {
      return yield* link(compiled, imports, options, compiled.resetting.instance());
    } catch (error) {
      if (error instanceof Aborted) throw error;
      // A start function may have called out, which had no effect. Any other error occurs again.
      const instance = yield* link(compiled, imports, options, undefined);
      compiled.startCallsOut = true;
      return instance;
    }
  }
  return yield* link(compiled, imports, options, undefined);
}

/** @param resettable If given, start functions may not call out */
function* link(
  compiled: CompiledComponent,
  imports: HostImports,
  options: InstantiateOptions,
  resettable: ResettableInstance | undefined,
): Steps<ComponentInstance> {
  const { file, suspending } = compiled;
  if (suspending === undefined && compiled.graph?.switchesStacks === true)
    throw new LinkError("component model async", [
      'it has threads, or components that wait for one another, so that stacks must be switched, which needs wait: "suspending"',
    ]);
  const cx = { ...contextOf(compiled, options), resettable };
  const host = new HostLinker(imports, compiled.names, cx.mayWait, options);
  const root = new Instantiation({ component: file, outer: undefined }, undefined, cx);
  const exports = yield* root.run((name, type) => host.item(name, type, root));
  resettable?.linked(compiled.images);
  return {
    exports: jsExports(file.type.exports, exports, compiled.names, {
      suspends: suspending !== undefined,
      adapt: options.adapt,
    }),
    finishTasks: (goal) => cx.scheduler?.driveAll(goal),
    scheduler: cx.scheduler,
    reset() {
      if (resettable === undefined || !compiled.knownResettable()) return false;
      if (resettable.hasGrown) compiled.oversizeMemories();
      return resettable.reset(cx.scheduler, cx.handles);
    },
    get size() {
      return resettable?.size ?? 0;
    },
    single: cx.withCode.length < 2,
    mayInterrupt: () => root.mayInterrupt,
    runningTask() {
      const current = cx.scheduler?.current;
      return compiled.asyncSupport?.originOf(current) ?? current;
    },
    end(reason) {
      const end = new Aborted(reason);
      cx.scheduler?.end(end);
      cx.lifetime?.end(end);
    },
  };
}

/**
 * Checks that a component can be linked with the host's imports. Nothing is instantiated and nothing of it runs.
 *
 * @throws LinkError if an import is missing or is something else, or the engine refuses a core module
 */
export function checkComponent(compiled: CompiledComponent, imports: HostImports, options: InstantiateOptions): void {
  const { file } = compiled;
  const cx = contextOf(compiled, options);
  const host = new HostLinker(imports, compiled.names, cx.mayWait, options);
  const root = new Instantiation({ component: file, outer: undefined }, undefined, cx);
  for (const definition of file.definitions)
    if (definition.kind === "import") host.item(definition.name, definition.type, root);
  compiled.prepare();
}

function contextOf(compiled: CompiledComponent, options: InstantiateOptions): InstantiationContext {
  const { suspending } = compiled;
  const lifetime = options.endable === true ? new Lifetime() : undefined;
  const fused = new FusedCalls(compiled.fused, options.poll !== undefined && compiled.hasContextSlots);
  const handles = new HandleBudget(options.maxResources ?? 1_000_000, options.maxComponentHandles ?? 100_000);
  return {
    compiled,
    observe: options.observe,
    instantiated: options.instantiated,
    resettable: undefined,
    interruptible: options.interruptible === true && suspending !== undefined,
    withCode: [],
    budget: new ModuleBudget(options),
    hostcallFuel: options.hostcallFuel ?? 128 * 1024 * 1024,
    handles,
    lifetime,
    fused,
    mayWait: suspending === undefined ? () => false : waits[options.promises ?? "marked"],
    scheduler:
      options.poll === undefined
        ? undefined
        : compiled.asyncSupport?.scheduler(options.poll, handles, {
            suspends: suspending !== undefined,
            crossComponent: compiled.graph?.crossComponent === true,
            waitGoal: options.waitGoal,
            inFusedCall: () => fused.underWay,
            ended: (error) => {
              fused.stop();
              lifetime?.end(error);
            },
          }),
  };
}

const waits: Readonly<Record<"marked" | "all", MayWait>> = {
  marked: declaresMayWait,
  all: (given) => (given as Marked)[mayWait] !== false,
};

interface Marked {
  readonly [mayWait]?: boolean;
}
