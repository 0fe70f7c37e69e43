/** A call that its caller wants to end (CanonicalABI.md, `Task.request_cancellation`): of tasks whose core code is JavaScript. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { InstanceTasks } from "../../../src/component/async/instance-tasks.ts";
import { Task, type TaskFunction } from "../../../src/component/async/task.ts";
import { Waitable, WaitableSet } from "../../../src/component/async/waitable.ts";
import { HandleBudget } from "../../../src/component/instance/handles.ts";
import { InstanceState } from "../../../src/component/instance/state.ts";
import { asyncSupport } from "../../../src/component/link/async-support.ts";
import { type Host, hostFor, traps } from "./guest.ts";

const [EXIT, YIELD] = [0, 1];
const [NONE, SUBTASK, CANCELLED] = [0, 1, 6];

class Event extends Waitable {
  readonly event = SUBTASK;

  override take(): number {
    this.clear();
    return 2;
  }
}

describe("a task that is cancelled", () => {
  let host: Host;
  before(async () => {
    host = await hostFor("blocking");
  });

  /** A task whose first run answers `code`, and each callback what `back` does; what becomes of it. */
  function made(code: (task: Task) => number, back: (event: number, task: Task) => number = () => EXIT) {
    const budget = new HandleBudget(100, 100);
    const state = new InstanceState(undefined, budget, false);
    const scheduler = asyncSupport.scheduler(host.poll, budget, {
      suspends: false,
      crossComponent: false,
      inFusedCall: () => false,
    });
    const tasks = asyncSupport.tasks(state, scheduler, false);
    const events: (number | string)[] = [];
    const lifted: TaskFunction = {
      instance: tasks,
      entered: [state],
      crossComponent: false,
      finish: undefined,
      exclusive: true,
      callback: (event) => {
        events.push(event);
        return back(event, task);
      },
      returns: { result: undefined, encoding: "utf8", memory: undefined },
      start(self) {
        self.enter();
        events.push("started");
        return code(self);
      },
    };
    const task: Task = new Task(lifted, {
      lift: () => [],
      returned: () => events.push("returned"),
      cancelled: () => events.push("cancelled"),
      refused: (error) => assert.fail(String(error)),
    });
    const run = () => scheduler.drive(() => task.resolved);
    return { tasks, task, events, run, scheduler };
  }

  const wait = (tasks: InstanceTasks, set: WaitableSet) => 2 | (tasks.state.handles.addEntry(set) << 4);
  const cancels = (event: number, task: Task) => {
    if (event === CANCELLED) task.cancel();
    return event === CANCELLED ? EXIT : YIELD;
  };

  it("before it has started runs no code", () => {
    const { tasks, task, events, run } = made(() => EXIT);
    tasks.changeBackpressure(1);
    task.run();
    task.requestCancellation();
    tasks.changeBackpressure(-1);
    run();
    assert.deepEqual(events, ["cancelled"]);
  });

  it("before it has started, though it was about to, runs no code", () => {
    const { tasks, task, events, run, scheduler } = made(() => EXIT);
    tasks.changeBackpressure(1);
    task.run();
    tasks.changeBackpressure(-1);
    task.requestCancellation();
    run();
    scheduler.operations.peek();
    assert.deepEqual(events, ["cancelled"]);
  });

  it("lets the next start in its place", () => {
    const { tasks, task, events } = made(() => EXIT);
    tasks.changeBackpressure(1);
    task.run();
    const start = (self: Task) => {
      self.enter();
      events.push("next");
      self.return(undefined);
      return EXIT;
    };
    const next = new Task({ ...task.func, start }, { lift: () => [], returned: () => {}, cancelled: () => {} });
    next.run();
    tasks.changeBackpressure(-1);
    task.requestCancellation();
    tasks.scheduler.drive(() => next.resolved);
    assert.deepEqual(events, ["cancelled", "next"]);
  });

  it("while it yields is told in its next turn", () => {
    const { task, events, run } = made(() => YIELD, cancels);
    task.run();
    task.requestCancellation();
    run();
    assert.deepEqual(events, ["started", CANCELLED, "cancelled"]);
  });

  it("while it waits is told at once", () => {
    const set = new WaitableSet();
    const { task, events, run, tasks } = made(() => wait(tasks, set), cancels);
    task.run();
    task.requestCancellation();
    run();
    assert.deepEqual(events, ["started", CANCELLED, "cancelled"]);
    set.drop();
  });

  it("while an event waits for it is told of that after", () => {
    const set = new WaitableSet();
    const event = new Event();
    event.join(set);
    const { task, events, run, tasks } = made(
      () => wait(tasks, set),
      (code, self) => {
        if (code === CANCELLED) return wait(tasks, set);
        self.return(undefined);
        return EXIT;
      },
    );
    task.run();
    event.notify();
    task.requestCancellation();
    run();
    assert.deepEqual(events, ["started", CANCELLED, SUBTASK, "returned"]);
  });

  it("may return all the same", () => {
    const { task, events, run } = made(
      () => YIELD,
      (event, self) => {
        assert.equal(event, CANCELLED);
        self.return(undefined);
        return EXIT;
      },
    );
    task.run();
    task.requestCancellation();
    run();
    assert.deepEqual(events, ["started", CANCELLED, "returned"]);
  });

  it("is told once", () => {
    const { task, events, run } = made(
      () => YIELD,
      (event, self) => {
        if (event === NONE) self.cancel();
        return event === NONE ? EXIT : YIELD;
      },
    );
    task.run();
    task.requestCancellation();
    task.requestCancellation();
    run();
    assert.deepEqual(events, ["started", CANCELLED, NONE, "cancelled"]);
  });

  it("after it has returned is not told", () => {
    const { task, events, run } = made((self) => {
      self.return(undefined);
      return YIELD;
    });
    task.run();
    task.requestCancellation();
    run();
    assert.deepEqual(events, ["started", "returned"]);
  });

  const refused: readonly [name: string, code: (task: Task) => void, text: string][] = [
    ["before it was told", () => {}, "`task.cancel` called by task which has not been cancelled"],
    [
      "before it was told, though it was asked",
      (self) => self.requestCancellation(),
      "`task.cancel` called by task which has not been cancelled",
    ],
    [
      "after it has returned",
      (self) => self.return(undefined),
      "`task.return` or `task.cancel` called more than once for current task",
    ],
  ];
  for (const [name, code, text] of refused) {
    it(`may not say so ${name}`, async () => {
      const { task } = made((self) => {
        code(self);
        self.cancel();
        return EXIT;
      });
      await traps(() => task.run(), ["engine", text]);
    });
  }
});
