import { andThen, type Waiting } from "../../core/wait/waiting.ts";
import type { InstanceTasks } from "../async/instance-tasks.ts";
import { BLOCKED, eventNames, Waitable, WaitableSet } from "../async/waitable.ts";
import type { AsyncBuiltin } from "../binary/canon.ts";
import { enumeration, list, option, prims, record, tuple, variant } from "../types/layout.ts";
import type { FuncType, ValType } from "../types/types.ts";
import type { Observe } from "./observe.ts";

/** Shows component model async to an observer: built-ins, and events of tasks, as functions of an instance `canon`. */

type Core = (...args: number[]) => Waiting<number | bigint | undefined>;

/** The observed form of a built-in: the parameters worth showing, the type of its result, and the value of that. */
interface Shape {
  readonly params: readonly string[];
  readonly result?: ValType;
  readonly show?: (packed: number | bigint) => unknown;
}

const u32 = prims.u32;
const copyCases = ["completed", "dropped", "cancelled"] as const;

/** The number of copied values, and the result of the copy. */
const copied: Pick<Shape, "result" | "show"> = {
  result: variant([...copyCases.map((name) => ({ name, type: u32 })), { name: "blocked", type: undefined }]),
  show: (packed) =>
    packed === BLOCKED
      ? { tag: "blocked", val: undefined }
      : { tag: copyCases[Number(packed) & 15], val: Number(packed) >>> 4 },
};

const resultNames = [...copyCases, "blocked"];
const copyResult: Pick<Shape, "result" | "show"> = {
  result: enumeration(resultNames),
  show: (packed) => (packed === BLOCKED ? "blocked" : resultNames[Number(packed)]),
};

const stateNames = [
  "starting",
  "started",
  "returned",
  "cancelled-before-started",
  "cancelled-before-returned",
  "blocked",
];
const state: Pick<Shape, "result" | "show"> = {
  result: enumeration(stateNames),
  show: (packed) => (packed === BLOCKED ? "blocked" : stateNames[Number(packed)]),
};

const event: Pick<Shape, "result" | "show"> = {
  result: enumeration(eventNames),
  show: (code) => eventNames[Number(code)],
};

const made: Pick<Shape, "result" | "show"> = {
  result: tuple([u32, u32]),
  show: (ends) => [Number(BigInt(ends) & 0xffff_ffffn), Number(BigInt(ends) >> 32n)],
};

const index: Pick<Shape, "result" | "show"> = { result: u32, show: (value) => value };

/** Returns the shape of a built-in; undefined if it is not shown. The value of `task.return` is shown where it is lifted. */
function shapeOf({ kind }: AsyncBuiltin): Shape | undefined {
  switch (kind) {
    case "context.get":
    case "context.set":
    case "task.return":
      return undefined;
    case "stream.read":
    case "stream.write":
      return { params: [kind.slice(7) === "read" ? "readable" : "writable", "", "at-most"], ...copied };
    case "stream.cancel-read":
    case "stream.cancel-write":
      return { params: [kind.endsWith("read") ? "readable" : "writable"], ...copied };
    case "future.read":
    case "future.write":
      return { params: [kind.slice(7) === "read" ? "readable" : "writable", ""], ...copyResult };
    case "future.cancel-read":
    case "future.cancel-write":
      return { params: [kind.endsWith("read") ? "readable" : "writable"], ...copyResult };
    case "stream.new":
    case "future.new":
      return { params: [], ...made };
    case "stream.drop-readable":
    case "future.drop-readable":
      return { params: ["readable"] };
    case "stream.drop-writable":
    case "future.drop-writable":
      return { params: ["writable"] };
    case "subtask.cancel":
      return { params: ["subtask"], ...state };
    case "subtask.drop":
      return { params: ["subtask"] };
    case "thread.index":
      return { params: [], ...index };
    case "thread.new-indirect":
      return { params: ["function", "argument"], ...index };
    case "thread.resume-later":
    case "thread.suspend-then-resume":
    case "thread.yield-then-resume":
    case "thread.suspend-then-promote":
    case "thread.yield-then-promote":
      return { params: ["thread"] };
    case "error-context.new":
      return { params: ["", "length"], ...index };
    case "error-context.debug-message":
      return { params: ["error-context", ""] };
    case "error-context.drop":
      return { params: ["error-context"] };
    case "waitable-set.new":
      return { params: [], ...index };
    case "waitable-set.wait":
    case "waitable-set.poll":
      return { params: ["set", ""], ...event };
    case "waitable-set.drop":
      return { params: ["set"] };
    case "waitable.join":
      return { params: ["waitable", "set"] };
    default:
      return { params: [] };
  }
}

/** Returns the core function of a built-in with an observer. */
export function observedBuiltin(observe: Observe, builtin: AsyncBuiltin, core: Core): Core {
  const shape = shapeOf(builtin);
  if (shape === undefined) return core;
  const shown = shape.params.flatMap((name, at) => (name === "" ? [] : [{ name, at }]));
  const type: FuncType = {
    async: false,
    params: shown.map(({ name }) => ({ name, type: u32 })),
    result: shape.result,
  };
  return observed(observe, about(builtin.kind, type), core, {
    args: (args) => shown.map(({ at }) => args[at]! >>> 0),
    result: (packed) => (packed === undefined ? undefined : shape.show?.(packed)),
  });
}

/** Returns a core function with an observer, which sees its arguments and result as `shown` converts them. */
function observed<Args extends number[], R>(
  observe: Observe,
  what: Parameters<Observe>[0],
  core: (...args: Args) => Waiting<R>,
  shown: { args(args: Args): readonly unknown[]; result(packed: R): unknown },
): (...args: Args) => Waiting<R> {
  // An observer makes the call before it returns, but others may be made before the call ends.
  let begun: { readonly args: Args; packed: R | undefined };
  const call = () => {
    const made = begun;
    return andThen(core(...made.args), (packed) => {
      made.packed = packed;
      return shown.result(packed);
    });
  };
  const seen = observe(what, call) as (...args: readonly unknown[]) => Waiting<unknown>;
  return (...args) => {
    const made: typeof begun = { args, packed: undefined };
    begun = made;
    return andThen(seen(...shown.args(args)), () => made.packed as R);
  };
}

const waited = list(
  record([
    { name: "index", type: u32 },
    { name: "for", type: enumeration(eventNames) },
  ]),
);
const codes = variant([
  { name: "exit", type: undefined },
  { name: "yield", type: undefined },
  { name: "wait", type: waited },
]);
const callbackType: FuncType = {
  async: false,
  params: [
    { name: "event", type: enumeration(eventNames) },
    { name: "waitable", type: option(u32) },
    { name: "payload", type: u32 },
  ],
  result: codes,
};

type Callback = (event: number, index: number, payload: number) => Waiting<number>;

/** Returns a task's callback with an observer, which sees the event and the set that the task waits for next. */
export function observedCallback(observe: Observe, core: Callback, tasks: InstanceTasks): Callback {
  return observed(observe, about("callback", callbackType), core, {
    args: ([code, waitable, payload]) => [eventNames[code], waitable === 0 ? undefined : waitable, payload],
    result: (packed) => decision(packed, tasks),
  });
}

function decision(packed: number, { state: { handles } }: InstanceTasks): unknown {
  const set = handles.slots[packed >>> 4];
  switch (packed & 15) {
    case 0:
      return { tag: "exit", val: undefined };
    case 1:
      return { tag: "yield", val: undefined };
    default: {
      const members = handles.slots.filter((entry) => entry instanceof Waitable && entry.set === set);
      const val = set instanceof WaitableSet ? members.map((each) => shownWaitable(each as Waitable)) : [];
      return { tag: "wait", val };
    }
  }
}

function shownWaitable({ index, event }: Waitable): { readonly index: number; readonly for: string | undefined } {
  return { index, for: eventNames[event] };
}

function about(name: string, type: FuncType) {
  return { instance: "canon", name, type, nameOf: () => undefined, resultBuffer: undefined, mayWait: false };
}
