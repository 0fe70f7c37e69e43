/** --invoke of a component's function: a call in WAVE, its result in WAVE to stdout. Loaded only when asked for. */
import { ComponentError } from "../../component/errors.ts";
import {
  type ExportedFunction,
  exportedFunctions,
  functionIn,
  namesOf,
  qualified,
} from "../../component/types/exported-functions.ts";
import { camelCase, compatible, splitVersion } from "../../component/types/names.ts";
import type { ComponentType } from "../../component/types/types.ts";
import { awaiting, type Steps } from "../../core/wait/steps.ts";
import type { RunOptions } from "../../run/component.ts";
import { suggestion } from "../../text/similar.ts";
import { WaveError } from "../../wave/lex.ts";
import { parseCall } from "../../wave/parse.ts";
import { printValue } from "../../wave/print.ts";
import { readArguments } from "../../wave/read.ts";
import { Failure, mainFailure } from "../output/failure.ts";
import { writeOut } from "../output/output.ts";

const SYNTAX = "See https://docs.wasmtime.dev/cli-options.html#run for syntax";

/** @param invoke `name(arguments)`; the name as WIT has it, or bare where that is unambiguous. */
export function componentCall(invoke: string, file: string): NonNullable<RunOptions["call"]> {
  const fail: Fail = (...causes) => {
    throw new Failure(mainFailure(file), causes);
  };
  const missing = (wanted: string, known: readonly string[]): never => {
    const cause = `No exported func named \`${wanted}\` in component.`;
    throw new Failure(mainFailure(file), [cause], suggestion(wanted, known));
  };
  return (component) => {
    const call = explained(fail, `Failed to parse invoke '${invoke}': ${SYNTAX}`, () => parseCall(invoke));
    const { type, instance, name } = find(component, call.name, fail, missing);
    const context = `while interpreting parameters in invoke "${invoke}"`;
    const args = explained(fail, context, () => readArguments(call, type.params));
    return function* (exports) {
      const home = instance === undefined ? exports : (exports[instance] as Readonly<Record<string, unknown>>);
      const target = home[camelCase(name)] as (...args: unknown[]) => unknown;
      const { result } = type;
      const called = calling(target, args);
      const value = yield* result?.kind === "result" ? outcome(called) : called;
      writeOut(`${result === undefined ? "()" : printValue(result, value)}\n`);
    };
  };
}

function explained<T>(fail: Fail, context: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof WaveError)) throw error;
    return fail(context, error.message, ...(error.mismatch === undefined ? [] : [error.mismatch]));
  }
}

function* calling(target: (...args: unknown[]) => unknown, args: readonly unknown[]): Steps<unknown> {
  return yield* awaiting(target(...args));
}

/** An exported function throws the error of its result. */
function* outcome(called: Steps<unknown>): Steps<unknown> {
  try {
    return { tag: "ok", val: yield* called };
  } catch (error) {
    if (!(error instanceof ComponentError)) throw error;
    return { tag: "err", val: error.payload };
  }
}

type Fail = (...causes: readonly string[]) => never;

/**
 * In the instance that the name says, or at the root; a bare name in every exported instance after that.
 *
 * @param missing Told the names that there are
 */
function find(
  { exports }: ComponentType,
  wanted: string,
  fail: Fail,
  missing: (wanted: string, known: readonly string[]) => never,
): ExportedFunction {
  const { base, version } = splitVersion(wanted);
  const dot = base.lastIndexOf(".");
  const slash = base.lastIndexOf("/");
  const name = base.slice(Math.max(dot, slash) + 1);
  const bare = dot < 0 && slash < 0;
  const instance = bare ? undefined : base.slice(0, Math.max(dot, slash));
  const full = instance !== undefined && version !== undefined ? `${instance}@${version}` : instance;
  const exact = full !== undefined && exports.has(full) ? full : undefined;
  const home = exact ?? (full && [...exports.keys()].find((each) => version !== undefined && compatible(full, each)));
  const found = functionIn(exports, home, name);
  if (found !== undefined) return found;
  if (!bare) return missing(wanted, namesOf(exportedFunctions(exports)));
  const all = [...exports.keys()].flatMap((each) => functionIn(exports, each, name) ?? []);
  const [only, another] = all;
  if (only === undefined) return missing(wanted, namesOf(exportedFunctions(exports)));
  if (another === undefined) return only;
  const names = all.map((each) => `\`${qualified(each)}\``).join(", ");
  return fail(`Multiple instances contained funcs named \`${name}\`, retry with a more specific name: ${names}`);
}
