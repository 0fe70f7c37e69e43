import { Trap } from "../../core/wait/errors.ts";
import { throwThrough } from "../../core/wait/uncatchable.ts";
import { andThen, type Waiting } from "../../core/wait/waiting.ts";
import type { CoreFunction } from "../../wasm/types.ts";
import { elementLoad, elementStore, taskReturn } from "../abi/async-functions.ts";
import type { Convention } from "../abi/emitter.ts";
import { debugMessage, dropErrorContext, newErrorContext } from "../abi/error-context.ts";
import type { InstanceTasks } from "../async/instance-tasks.ts";
import { type CopyEnd, type Element, CopyEnd as End } from "../async/streams/copy-end.ts";
import { Future } from "../async/streams/future.ts";
import { copyEnd } from "../async/streams/readable.ts";
import { Stream } from "../async/streams/stream.ts";
import { Subtask } from "../async/subtask.ts";
import { NOT_CANCELLED, type Task, taskOf } from "../async/task.ts";
import { threadWork } from "../async/thread-builtins.ts";
import { trap } from "../async/trap.ts";
import { BLOCKED, NONE, type Waitable, WaitableSet } from "../async/waitable.ts";
import { type AsyncBuiltin, coreTypeOf } from "../binary/canon.ts";
import type { JsFunction } from "../host.ts";
import type { GuestMemory } from "../instance/memory.ts";
import { cannotLeave } from "../instance/state.ts";
import { isSameType } from "../types/subtype.ts";
import type { StreamOrFuture, ValType } from "../types/types.ts";
import { type CanonContext, ownersOf, required, shapeOf, suspend, variant } from "./canon.ts";
import type { CanonCode } from "./canon-code.ts";
import { observedBuiltin } from "./observed-builtins.ts";

/** The most values of one read or write (CanonicalABI.md, `Buffer.MAX_LENGTH`). */
const MAX_COUNT = 2 ** 28 - 1;

type Work = (first: number, second: number, third: number) => Waiting<number | bigint | undefined>;

/**
 * Returns the core function of a built-in of component model async (CanonicalABI.md, "Canonical Definitions").
 *
 * @param table The table that it names
 */
export function asyncBuiltin(
  builtin: AsyncBuiltin,
  context: CanonContext,
  code: CanonCode,
  table: WebAssembly.Table | undefined,
): CoreFunction {
  const { state } = context;
  const tasks = required(context.tasks);
  const { scheduler } = tasks;
  const { observe } = context;
  const plain = (made: Work): CoreFunction => {
    const work = observe === undefined ? made : (observedBuiltin(observe, builtin, made) as Work);
    const call: Work = (first, second, third) => {
      try {
        if (!state.mayLeave) cannotLeave(state.endedBy);
        return work(first, second, third);
      } catch (error) {
        return throwThrough(error);
      }
    };
    return call as CoreFunction;
  };
  const waiting = (work: Work): CoreFunction => {
    const suspension = suspend(context, coreTypeOf(builtin));
    if (suspension === undefined) return plain(work);
    const call = plain(work);
    return suspension.wrap((...args) => {
      const answer: unknown = call(...args);
      return answer instanceof Promise ? suspension.suspendUntil(answer.catch(throwThrough)) : answer;
    });
  };

  switch (builtin.kind) {
    case "task.return":
      return returning(builtin, code, context, tasks);
    case "task.cancel":
      return plain(() => {
        const task = currentTask(tasks);
        if (task === undefined) trap(NOT_CANCELLED);
        task.cancel();
        return undefined;
      });
    case "context.get":
    case "context.set":
      return scheduler.slots.builtin(builtin.kind, builtin.slot);
    case "backpressure.inc":
    case "backpressure.dec": {
      const by = builtin.kind === "backpressure.inc" ? 1 : -1;
      return (() => {
        try {
          tasks.changeBackpressure(by);
        } catch (error) {
          throwThrough(error);
        }
      }) as CoreFunction;
    }
    case "thread.yield":
      return waiting(() => andThen(scheduler.yield(state), () => 0));
    case "thread.index":
    case "thread.new-indirect":
    case "thread.resume-later":
      return plain(threadWork(builtin.kind, tasks, table));
    case "thread.suspend":
    case "thread.suspend-then-resume":
    case "thread.yield-then-resume":
    case "thread.suspend-then-promote":
    case "thread.yield-then-promote":
      return waiting(threadWork(builtin.kind, tasks, table));
    case "subtask.cancel": {
      const { async } = builtin;
      const cancel: Work = (index) => subtaskAt(tasks, index).cancel(!async);
      // Cancelling a host's call ends it at once.
      return scheduler.crossComponent ? waiting(cancel) : plain(cancel);
    }
    case "subtask.drop":
      return plain((index) => {
        tasks.waitable(index);
        subtaskAt(tasks, index).drop();
        return undefined;
      });
    case "error-context.new":
      return plain((ptr, length) => newErrorContext(state, memoryOf(context), context.encoding, ptr, length));
    case "error-context.debug-message":
      return plain((index, ptr) => {
        debugMessage(state, memoryOf(context), context.encoding, index, ptr);
        return undefined;
      });
    case "error-context.drop":
      return plain((index) => {
        dropErrorContext(state, index);
        return undefined;
      });
    case "waitable-set.new":
      return plain(() => {
        scheduler.budget.addConcurrent(1);
        return state.handles.addEntry(new WaitableSet());
      });
    case "waitable-set.wait":
      return waiting((index, ptr) => {
        const set = tasks.set(index);
        const waiter = { notify() {} };
        set.wait(waiter);
        return andThen(
          scheduler.wait(() => set.first !== undefined),
          () => {
            set.unwait(waiter);
            return deliver(set.first, memoryOf(context), ptr);
          },
        );
      });
    case "waitable-set.poll":
      return plain((index, ptr) => {
        const set = tasks.set(index);
        // A guest may poll in a loop that never waits.
        if (set.first === undefined) scheduler.peek();
        return deliver(set.first, memoryOf(context), ptr);
      });
    case "waitable-set.drop":
      return plain((index) => {
        tasks.set(index, "handle is not a waitable-set").drop();
        state.handles.removeEntry(index);
        scheduler.budget.removeConcurrent(1);
        return undefined;
      });
    case "waitable.join":
      return plain((index, set) => {
        tasks.waitable(index).join(set === 0 ? undefined : tasks.set(set));
        return undefined;
      });
    case "stream.new":
    case "future.new": {
      const { payload } = builtin.type;
      return plain(() => {
        const shared = builtin.kind === "stream.new" ? new Stream(scheduler, payload) : new Future(scheduler);
        const readable = tasks.add(new End(shared, tasks, "read", payload));
        const writable = tasks.add(new End(shared, tasks, "write", payload));
        return BigInt(readable) | (BigInt(writable) << 32n);
      });
    }
    case "stream.read":
    case "stream.write":
    case "future.read":
    case "future.write": {
      const { type, options } = builtin;
      const way = builtin.kind.endsWith("read") ? "read" : "write";
      const element = elementOf(type.payload, code, context, tasks);
      const copy: Work = (index, ptr, count) => {
        const end = endAt(tasks, index, type, way);
        const length = type.kind === "future" ? 1 : count >>> 0;
        if (length > MAX_COUNT) trap("stream read/write count too large");
        if (!options.async) end.refuseInSet();
        const packed = end.begin(element(), ptr, length);
        if (packed !== undefined) return packed;
        return options.async ? BLOCKED : awaitEvent(end, tasks);
      };
      return options.async ? plain(copy) : waiting(copy);
    }
    case "stream.cancel-read":
    case "stream.cancel-write":
    case "future.cancel-read":
    case "future.cancel-write": {
      const way = builtin.kind.endsWith("read") ? "read" : "write";
      return plain((index) => {
        const end = endAt(tasks, index, builtin.type, way, `passed %s end to \`{stream|future}.cancel-${way}\``);
        return end.cancel(!builtin.async);
      });
    }
    case "stream.drop-readable":
    case "stream.drop-writable":
    case "future.drop-readable":
    case "future.drop-writable": {
      const { type } = builtin;
      const way = builtin.kind.endsWith("readable") ? "read" : "write";
      const wrong =
        way === "read" ? `handle is not a readable end of a ${type.kind}` : `passed read end to \`${builtin.kind}\``;
      return plain((index) => {
        endAt(tasks, index, type, way, wrong).drop();
        return undefined;
      });
    }
  }
}

function memoryOf({ memory }: CanonContext): GuestMemory {
  if (memory === undefined) throw new TypeError("a built-in that needs memory was validated without");
  return memory;
}

/** Takes an event for the guest. Writes its index and payload to `ptr`. Returns its code. */
function deliver(waitable: Waitable | undefined, memory: GuestMemory, ptr: number): number {
  const start = memory.check(ptr, 8, 4);
  const view = memory.view();
  view.setUint32(start, waitable?.index ?? 0, true);
  view.setUint32(start + 4, waitable?.take() ?? 0, true);
  return waitable?.event ?? NONE;
}

/** Waits inside the guest for the event of an end. */
function awaitEvent(end: CopyEnd, { scheduler }: InstanceTasks): Waiting<number> {
  end.hasSyncWaiter = true;
  return andThen(
    scheduler.wait(() => end.pending),
    () => {
      end.hasSyncWaiter = false;
      return end.take();
    },
  );
}

function endAt(
  tasks: InstanceTasks,
  index: number,
  type: StreamOrFuture,
  way: "read" | "write",
  wrong?: string,
): CopyEnd {
  const end = copyEnd(tasks, index, type);
  if (end.way === way) return end;
  // The message is wasmtime's for an end that is busy.
  if (wrong === undefined) trap("cannot have concurrent operations active on a future/stream");
  throw new Trap(wrong.replace("%s", end.way));
}

function subtaskAt(tasks: InstanceTasks, index: number): Subtask {
  const found = tasks.entry(index);
  if (!(found instanceof Subtask)) throw new Trap("handle is not a subtask");
  return found;
}

function currentTask(tasks: InstanceTasks): Task | undefined {
  const task = taskOf(tasks.scheduler.current);
  return task?.instance === tasks ? task : undefined;
}

function returning(
  { result }: AsyncBuiltin & { kind: "task.return" },
  code: CanonCode,
  context: CanonContext,
  tasks: InstanceTasks,
): CoreFunction {
  const owners = ownersOf(code, context);
  const shape = { countLends: false, unboxed: false };
  const templateOf = (convention: Convention) =>
    code.template(variant(convention, false), owners, () =>
      taskReturn(result, { ...shapeOf(code, context, owners, convention), ...shape }),
    );
  let crossComponent: JsFunction | undefined;
  /** The result type of the last task that returned: it equals `result`. */
  let known = result;
  const task = (): Task => {
    const current = currentTask(tasks);
    const returns = current?.func.returns;
    if (
      current === undefined ||
      returns === undefined ||
      returns.encoding !== context.encoding ||
      // no memory is named where the result needs none
      (context.memory !== undefined && !context.memory.isSame(returns.memory)) ||
      (returns.result !== known && !isSameType(returns.result, result))
    )
      return trap("invalid `task.return` signature and/or options for current task");
    known = returns.result;
    return current;
  };
  return templateOf("host").bind(context, {
    callee: task,
    tasks,
    crossComponent() {
      crossComponent ??= templateOf("component").bind(context, { tasks });
      return crossComponent;
    },
  });
}

/** Returns the layout of values of the type in the context's memory. Made on first use. */
function elementOf(
  type: ValType | undefined,
  code: CanonCode,
  context: CanonContext,
  tasks: InstanceTasks,
): () => Element {
  let made: Element | undefined;
  return () => {
    made ??= makeElement(type, code, context, tasks);
    return made;
  };
}

function makeElement(type: ValType | undefined, code: CanonCode, context: CanonContext, tasks: InstanceTasks): Element {
  const { memory } = context;
  if (type === undefined) return { type, size: 0, align: 1, memory, load: () => undefined, store: () => {} };
  const owners = ownersOf(code, context);
  const shape = { ...shapeOf(code, context, owners, "host"), countLends: false, unboxed: false };
  return {
    type,
    size: type.info.size,
    align: type.info.align,
    memory,
    load: code.template(0, owners, () => elementLoad(type, shape)).bind(context, { tasks }) as Element["load"],
    store: code.template(1, owners, () => elementStore(type, shape)).bind(context, { tasks }) as Element["store"],
  };
}
