import { throwThrough } from "../../core/wait/uncatchable.ts";
import type { CoreResult, ValueTransfer } from "../async/guest-subtask.ts";
import { HostSubtask } from "../async/host-subtask.ts";
import type { InstanceTasks } from "../async/instance-tasks.ts";
import { RETURNED } from "../async/subtask.ts";
import type { Callee } from "../host.ts";
import type { Handle } from "../instance/handles.ts";
import { cannotLeave } from "../instance/state.ts";
import { isPending, type Pending } from "../streams.ts";
import { maxFlatAsyncParams, maxFlatParams } from "../types/layout.ts";
import type { FuncType, ValType } from "../types/types.ts";
import { coreParams, liftArguments, lowerArguments } from "./arguments.ts";
import { type CodeShape, Emitter } from "./emitter.ts";
import { liftResult, load } from "./lift-code.ts";
import { lowerFlat, store } from "./lower-code.ts";
import type { Template } from "./template.ts";
import { callOf, payloadOf, storeOutcome } from "./trampolines.ts";

/**
 * `canon lower ... async` of a host function: a core function that lifts its arguments and calls `callee`. If the result is there
 * at once, it lowers it and returns RETURNED. Otherwise it makes a subtask, and the result is lowered later.
 */
export function lowerAsync(type: FuncType, shape: CodeShape, form: Callee["form"]): Template {
  const e = new Emitter(shape, shape.countLends ? ["lent"] : []);
  const types = type.params.map((param) => param.type);
  const given = coreParams(types, maxFlatAsyncParams);
  const params = given.flat.map(({ name }) => name);
  const { result } = type;
  if (result !== undefined) params.push("out");
  const caught = result?.kind === "result";

  e.line("try {");
  e.line(`if (!S.mayLeave) ${e.constant(cannotLeave)}(S.endedBy);`);
  if (shape.countLends) e.line("const lent = [];");
  if (shape.hasMemory) e.line("let V = M.view();");
  if (types.some((param) => param.info.pointers)) e.line("M.refuel();");
  const args = liftArguments(e, types, given);
  e.line("let value, failed = false;");
  const call = `value = ${callOf(e, form, args)};`;
  if (caught) e.line(`try { ${call} } catch (error) { value = error; failed = true; }`);
  else e.line(call);
  const finishing = [...(result === undefined ? [] : ["out"]), ...(shape.countLends ? ["lent"] : [])]
    .map((name) => `, ${name}`)
    .join("");
  e.line(
    `if (!failed && ${e.constant(isPending)}(value)) return ${e.constant(begin)}(${e.bound("tasks")}, value, ` +
      `(value, failed) => finish(value, failed${finishing}), ${shape.countLends ? "lent" : e.constant(nothing)});`,
  );
  e.line(`finish(value, failed${finishing});`);
  if (shape.countLends) e.line("for (const handle of lent) handle.lends--;");
  e.line(`return ${RETURNED};`);
  e.line(`} catch (error) { ${e.constant(throwThrough)}(error); }`);

  const body = e.capture(() => {
    e.line(`if (failed) ${caught ? `value = ${e.constant(payloadOf)}(value)` : "throw value"};`);
    if (result === undefined) return;
    e.line("let V = M.view();");
    const base = e.temporary(`M.check(out, ${result.info.size}, ${result.info.align})`);
    if (caught) storeOutcome(e, result, base);
    else store(e, result, "value", base, 0);
  });
  e.addHelper([`function finish(value, failed${finishing}) {`, ...body, "}"].join("\n"));
  return e.finish(params);
}

const nothing: readonly Handle[] = [];

function begin(
  tasks: InstanceTasks,
  pending: Pending,
  finish: (value: unknown, failed: boolean) => void,
  lent: readonly Handle[],
): number {
  const subtask = new HostSubtask(tasks, { finish, lent });
  subtask.begin(pending);
  if (subtask.resolved) {
    subtask.take();
    return RETURNED;
  }
  return subtask.add();
}

/**
 * `canon lower` of another component's async function: a core function that calls `callee` with two functions, which lift the
 * arguments and lower the result when it is time for that.
 *
 * @param isAsync Whether it is lowered with `async`
 */
export function lowerToGuest(type: FuncType, shape: CodeShape, isAsync: boolean): Template {
  const e = new Emitter(shape, shape.countLends ? ["lent"] : []);
  const types = type.params.map((param) => param.type);
  const given = coreParams(types, isAsync ? maxFlatAsyncParams : maxFlatParams);
  const params = given.flat.map(({ name }) => name);
  const { result } = type;
  const stored = result !== undefined && (isAsync || result.info.flat === undefined || result.info.flat.length > 1);
  if (stored) params.push("out");
  const view = shape.hasMemory ? ["let V = M.view();"] : [];
  const fuel = types.some((param) => param.info.pointers) ? ["M.refuel();"] : [];
  const lift = e.capture(() => e.line(`return [${liftArguments(e, types, given).join(", ")}];`));
  const lower = e.capture(() => {
    if (result === undefined) return;
    if (stored) store(e, result, "value", e.temporary(`M.check(out, ${result.info.size}, ${result.info.align})`), 0);
    else e.line(`return ${lowerFlat(e, result, "value")[0]!.name};`);
  });

  e.line("try {");
  e.line(`if (!S.mayLeave) ${e.constant(cannotLeave)}(S.endedBy);`);
  e.line(`const lent = ${shape.countLends ? "[]" : e.constant(nothing)};`);
  e.line(`return ${e.bound("callee")}({ lent,`);
  for (const line of ["lift() {", ...view, ...fuel, ...lift, "},"]) e.line(line);
  for (const line of ["lower(value) {", ...view, ...lower, "} });"]) e.line(line);
  e.line(`} catch (error) { ${e.constant(throwThrough)}(error); }`);
  return e.finish(params);
}

/** The callee of `lowerToGuest`. Returns the core result of the lowered function. */
export type GuestCallee = (values: ValueTransfer) => CoreResult;

/**
 * `canon lift ... async`: a function of a task and its arguments. It lowers these and calls the core function, whose result comes
 * by `task.return`.
 */
export function startAsync(type: FuncType, shape: CodeShape): Template {
  const types = type.params.map((param) => param.type);
  const e = new Emitter(shape, types.some((param) => param.info.borrows) ? ["scope"] : []);
  const args = lowerArguments(e, types);
  e.line("scope.enter();");
  e.line(`return ${e.bound("core")}(${args.join(", ")});`);
  return e.finish(["scope", ...types.map((_, i) => `a${i}`)]);
}

/**
 * The end of a call of an async function that is lifted without `async`: a function of the task and its core function's result. It
 * lifts the result, resolves the task with it, and calls `post-return`.
 */
export function finishSync({ result }: FuncType, shape: CodeShape, hasPostReturn: boolean): Template {
  const e = new Emitter(shape, []);
  if (result !== undefined) {
    if (shape.hasMemory) e.line("let V = M.view();");
    if (result.info.pointers) e.line("M.refuel();");
    e.line(`const value = ${liftResult(e, result)};`);
  }
  e.line(`task.return(${result === undefined ? "" : "value"});`);
  if (hasPostReturn) {
    e.line("S.mayLeave = false;");
    e.line(`${e.bound("postReturn")}(${result === undefined ? "" : "returned"});`);
    e.line("S.mayLeave = true;");
  }
  return e.finish(["task", "returned"]);
}

/**
 * `canon task.return`: a core function that lifts the result of the current task, and resolves the task with it. Between components
 * it is a function of the task, too.
 */
export function taskReturn(result: ValType | undefined, shape: CodeShape): Template {
  const e = new Emitter(shape, []);
  const types = result === undefined ? [] : [result];
  const given = coreParams(types, maxFlatParams);
  const params = given.flat.map(({ name }) => name);
  const isHosts = shape.convention === "host";
  e.line("try {");
  if (isHosts) {
    e.line(`if (!S.mayLeave) ${e.constant(cannotLeave)}(S.endedBy);`);
    e.line(`const task = ${e.bound("callee")}();`);
    const crossComponent = `${e.bound("crossComponent")}()(${["task", ...params].join(", ")})`;
    e.line(`if (task.func.crossComponent) return ${crossComponent};`);
  }
  if (shape.hasMemory) e.line("let V = M.view();");
  if (result?.info.pointers === true) e.line("M.refuel();");
  const [value = "undefined"] = liftArguments(e, types, given);
  e.line(`task.return(${value});`);
  e.line(`} catch (error) { ${e.constant(throwThrough)}(error); }`);
  return e.finish(isHosts ? params : ["task", ...params]);
}

/**
 * Reads a value of the type at `p0`, which has been checked. The caller limits the bytes that strings and lists copy (`refuel`).
 */
export function elementLoad(type: ValType, shape: CodeShape): Template {
  const e = new Emitter(shape, []);
  e.line("let V = M.view();");
  e.line(`return ${load(e, type, "p0", 0)};`);
  return e.finish(["p0"]);
}

/** Writes `value` to `p0`, which has been checked. */
export function elementStore(type: ValType, shape: CodeShape): Template {
  const e = new Emitter(shape, []);
  e.line("let V = M.view();");
  store(e, type, "value", "p0", 0);
  return e.finish(["value", "p0"]);
}
