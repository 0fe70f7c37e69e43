import { Trap } from "../../core/wait/errors.ts";
import { throwThrough } from "../../core/wait/uncatchable.ts";
import { ComponentError } from "../errors.ts";
import type { Callee } from "../host.ts";
import { BorrowScope, type Handle } from "../instance/handles.ts";
import { cannotEnter, cannotLeave, throwOut } from "../instance/state.ts";
import { flatten, maxFlatParams } from "../types/layout.ts";
import type { FuncType, ValType } from "../types/types.ts";
import { coreParams, liftArguments, lowerArguments } from "./arguments.ts";
import { type CodeShape, Emitter } from "./emitter.ts";
import { liftResult } from "./lift-code.ts";
import { lowerFlat, store } from "./lower-code.ts";
import type { Template } from "./template.ts";

export function callOf(e: Emitter, form: Callee["form"], args: readonly string[]): string {
  const name = e.bound("callee");
  switch (form) {
    case "function":
      return `${name}(${args.join(", ")})`;
    case "method":
      return `${name}.call(${args.join(", ")})`;
    case "constructor":
      return `new ${name}(${args.join(", ")})`;
  }
}

/**
 * `canon lower`: a core function that lifts its arguments from the caller's memory, calls `callee`, and lowers the result.
 *
 * @param suspends Whether a promise that `callee` returns suspends the guest; the result is then lowered later
 * @param inline Whether `callee` is called only while `inline` may begin; otherwise `withTask` does all
 */
export function lowerFunction(
  type: FuncType,
  shape: CodeShape,
  form: Callee["form"],
  suspends: boolean,
  inline = false,
): Template {
  const e = new Emitter(shape, shape.countLends ? ["lent"] : []);
  const paramTypes = type.params.map((param) => param.type);
  const given = coreParams(paramTypes, maxFlatParams);
  const params = given.flat.map(({ name }) => name);
  const result = type.result;
  const returned = result !== undefined && (result.info.flat === undefined || result.info.flat.length > 1);
  if (returned) params.push("out");

  if (inline) e.line(`if (!${e.bound("inline")}.mayBegin) return ${e.bound("withTask")}(${params.join(", ")});`);
  e.line("try {");
  e.line(`if (!S.mayLeave) ${e.constant(cannotLeave)}(S.endedBy);`);
  if (shape.countLends) e.line("const lent = [];");
  if (shape.hasMemory) e.line("let V = M.view();");
  if (paramTypes.some((param) => param.info.pointers)) e.line("M.refuel();");
  const args = liftArguments(e, paramTypes, given);

  const call = callOf(e, form, args);
  const caught = shape.convention === "host" && result?.kind === "result";
  if (caught) {
    e.line("let value, failed = false;");
    e.line(`try { value = ${call}; }`);
    e.line(`catch (error) { value = ${e.constant(payloadOf)}(error); failed = true; }`);
  } else {
    const used = result !== undefined || shape.convention === "host" || suspends;
    e.line(`${used ? "const value = " : ""}${call};`);
  }
  const finish = e.capture(() => lowerResult(e, result, { caught, returned }));
  if (suspends) {
    const later = ["value", ...(returned ? ["out"] : []), ...(shape.countLends ? ["lent"] : [])];
    e.addHelper(finishLater(e, later, finish, caught ? e.constant(payloadOf) : undefined));
    e.line(`if (value instanceof Promise) return ${e.bound("suspendUntil")}(later(${later.join(", ")}));`);
  } else if (shape.convention === "host") {
    e.line(`if (value instanceof Promise) ${e.constant(promised)}(value);`);
  }
  for (const line of finish) e.line(line);
  e.line(`} catch (error) { ${e.constant(throwThrough)}(error); }`);
  return e.finish(params);
}

/**
 * Returns the source of a function that ends a lowered call whose `value` is a promise.
 *
 * @param payloadOf The name of a function that turns a rejection into the error of the result, if it is one
 */
function finishLater(
  e: Emitter,
  params: readonly string[],
  finish: readonly string[],
  payloadOf: string | undefined,
): string {
  return [
    `async function later(${params.join(", ")}) {`,
    "try {",
    e.shape.hasMemory ? "let V;" : "",
    ...(payloadOf === undefined
      ? ["value = await value;"]
      : [
          "let failed = false;",
          "try { value = await value; }",
          `catch (error) { value = ${payloadOf}(error); failed = true; }`,
        ]),
    `if (S.endedBy !== undefined) ${e.constant(cannotLeave)}(S.endedBy);`,
    ...finish,
    `} catch (error) { ${e.constant(throwThrough)}(error); }`,
    "}",
  ].join("\n");
}

/** Writes code that lowers the callee's result, which `value` and `failed` hold, ends the loans of the call, and returns. */
function lowerResult(
  e: Emitter,
  result: ValType | undefined,
  { caught, returned }: { readonly caught: boolean; readonly returned: boolean },
): void {
  if (result !== undefined) {
    if (returned) {
      e.line("V = M.view();");
      const base = e.temporary(`M.check(out, ${result.info.size}, ${result.info.align})`);
      if (caught && result.kind === "result") {
        storeOutcome(e, result, base);
      } else {
        store(e, result, "value", base, 0);
      }
    } else if (caught) {
      // A result of one core value is its discriminant: neither case has a payload.
      e.line("const core = failed ? 1 : 0;");
    } else {
      e.line(`const core = ${lowerFlat(e, result, "value")[0]!.name};`);
    }
  }
  if (e.shape.countLends) e.line(`${e.constant(giveBack)}(lent);`);
  if (result !== undefined && !returned) e.line("return core;");
}

/** Writes code that stores the result of a host's call, which `failed` and `value` hold. */
export function storeOutcome(e: Emitter, type: ValType & { kind: "result" }, base: string): void {
  const place = Math.max(type.ok?.info.align ?? 1, type.err?.info.align ?? 1);
  e.line("if (failed) {");
  e.line(`V.setUint8(${base}, 1);`);
  if (type.err !== undefined) store(e, type.err, "value", base, place);
  e.line("} else {");
  e.line(`V.setUint8(${base}, 0);`);
  if (type.ok !== undefined) store(e, type.ok, "value", base, place);
  e.line("}");
}

/** Returns the payload for the error case of a result, from what a host function threw. Rethrows other errors. */
export function payloadOf(error: unknown): unknown {
  if (typeof error === "object" && error !== null && Object.hasOwn(error, "payload")) {
    return (error as { payload: unknown }).payload;
  }
  if (error instanceof Error || error instanceof WebAssembly.Exception) throw error;
  return error;
}

/** Throws for a promise where the guest's thread blocks: it could never resolve. */
function promised(promise: Promise<unknown>): never {
  promise.catch(() => {});
  throw new TypeError('an import answered a Promise, which needs wait: "suspending"');
}

function giveBack(lent: readonly Handle[]): void {
  for (const item of lent) item.lends--;
}

function leaked(): never {
  throw new Trap("borrow handles still remain at the end of the call");
}

/** The inputs of a lift's code beside its types. */
export interface LiftShape extends CodeShape {
  /** The number of instances that the call enters: none, or this one and its ancestors that the caller is not in. */
  readonly entered: number;
  readonly hasPostReturn: boolean;
  /** Whether the call may be suspended. It then returns a promise. */
  readonly suspends: boolean;
  readonly callKind: CallKind | undefined;
}

/**
 * How the scheduler sees a call by another component (component model async). A "frame" must return before it may wait. A call of
 * an async function that waits inside the guest is "inline". Undefined: the host calls, and whoever makes the call tells the
 * scheduler, or there is no scheduler.
 */
export type CallKind = "frame" | "inline";

/** `canon lift`: a JS function that lowers its arguments into the instance, calls the core function, and lifts its result. */
export function liftFunction(type: FuncType, shape: LiftShape): Template {
  const paramTypes = type.params.map((param) => param.type);
  const borrows = paramTypes.some((param) => param.info.borrows);
  const e = new Emitter(shape, borrows ? ["scope"] : []);
  const params = paramTypes.map((_, i) => `a${i}`);
  const result = type.result;

  const tasks = shape.callKind && e.bound("tasks");
  if (shape.callKind === "frame") e.line(`const before = ${tasks}.scheduler.beginFrame();`);
  if (shape.callKind === "inline") e.line(`${e.bound("inline")}.begin();`);
  const states = Array.from({ length: shape.entered }, (_, i) => (i === 0 ? "S" : `${e.bound("entered")}[${i}]`));
  if (states.length > 0) {
    e.line(`if (${states.map((name) => `!${name}.mayEnter`).join(" || ")}) ${e.constant(cannotEnter)}(S.endedBy);`);
  }
  if (borrows) e.line(`const scope = new ${e.constant(BorrowScope)}();`);
  const args = lowerArguments(e, paramTypes);

  // An argument that is refused leaves the instance as it was. From here on only a return does.
  for (const name of states) e.line(`${name}.mayEnter = false;`);
  if (result !== undefined) e.line("let returned;");
  const failed = tasks === undefined ? e.constant(throwOut) : `${tasks}.failed`;
  const call = (callee: string) => `try { ${callee}; } catch (error) { ${failed}(error); }`;
  const callee = `${shape.suspends ? "await " : ""}${e.bound("core")}`;
  e.line(call(`${result === undefined ? "" : "returned = "}${callee}(${args.join(", ")})`));
  e.line(`if (S.endedBy !== undefined) ${e.constant(cannotEnter)}(S.endedBy);`);
  if (result !== undefined) {
    if (shape.hasMemory) e.line("V = M.view();");
    if (result.info.pointers) e.line("M.refuel();");
    e.line(`const value = ${liftResult(e, result)};`);
  }
  if (borrows) e.line(`if (scope.borrows !== 0) ${e.constant(leaked)}();`);
  if (shape.hasPostReturn) {
    e.line("S.mayLeave = false;");
    e.line(call(`${e.bound("postReturn")}(${result === undefined ? "" : "returned"})`));
    e.line("S.mayLeave = true;");
  }
  for (const name of states) e.line(`${name}.mayEnter = true;`);
  if (shape.callKind === "frame") e.line(`${tasks}.scheduler.endFrame(before);`);
  if (shape.callKind === "inline") e.line(`${e.bound("inline")}.end();`);
  if (result !== undefined) {
    if (shape.convention === "host" && result.kind === "result") {
      e.line(`if (value.tag === "err") throw new ${e.constant(ComponentError)}(value.val);`);
      e.line("return value.val;");
    } else {
      e.line("return value;");
    }
  }
  return e.finish(params, shape.suspends ? "async function" : "function");
}

/** A raw host function, with the check that the instance may call out. */
export function guarded(type: FuncType, suspends: boolean): Template {
  const e = new Emitter(unshaped, []);
  const params = flatten(type, "lower").params.map((_, i) => `p${i}`);
  const caught = `catch (error) { ${e.constant(throwThrough)}(error); }`;
  e.line("try {");
  e.line(`if (!S.mayLeave) ${e.constant(cannotLeave)}(S.endedBy);`);
  const call = `${e.bound("callee")}(${params.join(", ")})`;
  if (suspends) {
    e.addHelper(`async function later(value) {\ntry { return await value; } ${caught}\n}`);
    e.line(`const value = ${call};`);
    e.line(`return value instanceof Promise ? ${e.bound("suspendUntil")}(later(value)) : value;`);
  } else {
    e.line(`return ${call};`);
  }
  e.line(`} ${caught}`);
  return e.finish(params);
}

/** The shape of code that neither lifts nor lowers. */
const unshaped: CodeShape = {
  hasMemory: false,
  encoding: "utf8",
  convention: "host",
  countLends: false,
  unboxed: false,
  ownerOf: () => "host",
};
