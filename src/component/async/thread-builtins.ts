import { andThen, type Waiting } from "../../core/wait/waiting.ts";
import type { CoreFunction } from "../../wasm/types.ts";
import type { ThreadBuiltin } from "../binary/canon.ts";
import { ExplicitThread } from "./explicit-thread.ts";
import type { InstanceTasks } from "./instance-tasks.ts";
import { itsTurn, Thread } from "./thread.ts";
import { threadStart } from "./thread-start.ts";
import { trap } from "./trap.ts";

type Work = (first: number, second: number) => Waiting<number | undefined>;

/**
 * Returns the work of a built-in of cooperative threads (CanonicalABI.md, from `canon thread.index` on).
 *
 * @param table The table that it names
 */
export function threadWork(
  kind: ThreadBuiltin["kind"],
  tasks: InstanceTasks,
  table: WebAssembly.Table | undefined,
): Work {
  const { scheduler } = tasks;
  switch (kind) {
    case "thread.index":
      return () => currentThread(tasks).index;
    case "thread.new-indirect": {
      const { fits, call } = threadStart();
      return (index, value) => {
        const func = functionAt(table!, index >>> 0);
        if (!fits(func))
          trap("start function does not match expected type (currently only `(i32) -> ()` is supported)");
        return new ExplicitThread(tasks, currentThread(tasks).owner, async () => call(func, value)).index;
      };
    }
    case "thread.resume-later":
      return (index) => {
        suspendedThread(tasks, index).resumeLater();
        return undefined;
      };
    case "thread.suspend":
      return () => andThen(scheduler.suspend(currentThread(tasks), undefined), zero);
    case "thread.suspend-then-resume":
    case "thread.yield-then-resume":
    case "thread.suspend-then-promote":
    case "thread.yield-then-promote": {
      const until = kind.startsWith("thread.yield") ? itsTurn : undefined;
      const find = kind.endsWith("resume") ? suspendedThread : readyThread;
      return (index) => andThen(scheduler.suspend(currentThread(tasks), until, find(tasks, index)), zero);
    }
  }
}

/** The result of these built-ins: not cancelled. The `cancellable` option is not supported (component-model#716). */
const zero = () => 0;

/** Returns the current thread. All code of an instance with threads runs in one. */
function currentThread(tasks: InstanceTasks): Thread {
  const { current } = tasks.scheduler;
  if (current instanceof Thread && current.instance === tasks) return current;
  throw new TypeError("code of an instance with threads runs in none");
}

/** Returns a function of a table. @throws EngineTrap if there is none at that index */
function functionAt(table: WebAssembly.Table, index: number): CoreFunction {
  if (index >= table.length) trap("undefined element: out of bounds table access");
  const func: CoreFunction | null = table.get(index);
  return func ?? trap("the start function index points to an uninitialized function");
}

const NOT_SUSPENDED = "cannot resume thread which is not suspended";

/** Returns a suspended thread. @throws Trap if there is none of that index, or it is not suspended */
function suspendedThread(tasks: InstanceTasks, index: number): Thread {
  const thread = tasks.thread(index);
  if (!thread.isSuspended) trap(NOT_SUSPENDED);
  return thread;
}

/**
 * Returns a thread that only waits for its turn; undefined if the thread waits for something else. A thread whose task has returned
 * to wait has its turn when it comes.
 *
 * @throws Trap if there is none of that index, or it is the current one
 */
function readyThread(tasks: InstanceTasks, index: number): Thread | undefined {
  const thread = tasks.thread(index);
  if (thread === currentThread(tasks)) trap(NOT_SUSPENDED);
  return thread.canResume ? thread : undefined;
}
