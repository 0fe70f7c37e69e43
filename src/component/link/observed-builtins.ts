import { then, type Waiting } from "../../core/wait/waiting.ts";
import type { InstanceTasks } from "../async/instance-tasks.ts";
import { BLOCKED, eventNames, Waitable, WaitableSet } from "../async/waitable.ts";
import type { AsyncBuiltin } from "../binary/canon.ts";
import { enumeration, list, option, prims, record, tuple, variant } from "../types/layout.ts";
import type { FuncType, ValType } from "../types/types.ts";
import type { Observe } from "./observe.ts";

/** What an observer is shown of component model async: its built-ins, and the events of tasks, as functions of an instance `canon`. */

type Core = (...args: number[]) => Waiting<number | bigint | undefined>;

/** How a built-in is shown: its parameters that are worth it, its result's type, and the value of that. */
interface Shape {
  readonly params: readonly string[];
  readonly result?: ValType;
  readonly show?: (packed: number | bigint, tasks: InstanceTasks, args: readonly number[]) => unknown;
}

const u32 = prims.u32;
const copyCases = ["completed", "dropped", "cancelled"] as const;

/** How many values were copied, and how that ended. */
const copied: Pick<Shape, "result" | "show"> = {
  result: variant([...copyCases.map((name) => ({ name, type: u32 })), { name: "blocked", type: undefined }]),
  show: (packed) =>
    packed === BLOCKED
      ? { tag: "blocked", val: undefined }
      : { tag: copyCases[Number(packed) & 15], val: Number(packed) >>> 4 },
};

const settledNames = [...copyCases, "blocked"];
const settled: Pick<Shape, "result" | "show"> = {
  result: enumeration(settledNames),
  show: (packed) => (packed === BLOCKED ? "blocked" : settledNames[Number(packed)]),
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

/** Undefined: not shown. What a task returns is shown where it is lifted. */
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
      return { params: [kind.slice(7) === "read" ? "readable" : "writable", ""], ...settled };
    case "future.cancel-read":
    case "future.cancel-write":
      return { params: [kind.endsWith("read") ? "readable" : "writable"], ...settled };
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

/** The core function of a built-in, observed. */
export function observedBuiltin(observe: Observe, builtin: AsyncBuiltin, core: Core, tasks: InstanceTasks): Core {
  const shape = shapeOf(builtin);
  if (shape === undefined) return core;
  const shown = shape.params.flatMap((name, at) => (name === "" ? [] : [{ name, at }]));
  const type: FuncType = {
    async: false,
    params: shown.map(({ name }) => ({ name, type: u32 })),
    result: shape.result,
  };
  let given: number[] = [];
  let packed: number | bigint | undefined;
  const call = () =>
    then(core(...given), (answer) => {
      packed = answer;
      return answer === undefined ? undefined : shape.show?.(answer, tasks, given);
    });
  const observed = observe(about(builtin.kind, type), call);
  return (...args) => {
    given = args;
    return then(
      (observed as (...args: number[]) => Waiting<unknown>)(...shown.map(({ at }) => args[at]! >>> 0)),
      () => packed,
    );
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

/** A task's callback: the event that it is told of, and what it waits for then. */
export function observedCallback(observe: Observe, core: Callback, tasks: InstanceTasks): Callback {
  let given: readonly [number, number, number] = [0, 0, 0];
  let packed = 0;
  const call = () =>
    then(core(...given), (answer) => {
      packed = answer;
      return decision(answer, tasks);
    });
  const observed = observe(about("callback", callbackType), call) as (...shown: unknown[]) => Waiting<unknown>;
  return (code, waitable, payload) => {
    given = [code, waitable, payload];
    return then(observed(eventNames[code], waitable === 0 ? undefined : waitable, payload), () => packed);
  };
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
  return { instance: "canon", name, type, nameOf: () => undefined, lean: undefined, mayWait: false };
}
