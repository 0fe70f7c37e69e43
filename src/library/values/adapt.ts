import { ComponentError } from "../../component/errors.ts";
import type { AdaptFunctions, AnyFunction, FunctionName, HostCall } from "../../component/link/observe.ts";
import type { FuncType, ValType } from "../../component/types/types.ts";
import { type Convert, same, toComponent, toProgram } from "./convert.ts";
import { isThenable, pendingOf } from "./promised.ts";
import type { Store } from "./store.ts";

/** What may follow the arguments of an exported function. */
export interface CallOptions {
  /**
   * Asks the component to give up the call, which then rejects with the reason; one that does not heed it goes on to its end.
   */
  readonly signal?: AbortSignal;
}

/** Functions of an async component as a program has them: with streams and promises of JavaScript. */
export class ProgramFunctions implements AdaptFunctions {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  imported(type: FuncType, name: FunctionName, call: HostCall): HostCall | undefined {
    const store = this.#store;
    const params = type.params.map((param) => toProgram(param.type, store));
    const { ok, err } = outcomes(type.result);
    const result = ok && toComponent(ok, `the result of ${shown(name)}`, store);
    const error = err && toComponent(err, `the error of ${shown(name)}`, store);
    const convertsParams = params.some((convert) => convert !== undefined);
    if (!type.async && !convertsParams && result === undefined && error === undefined) return undefined;
    const returned = result ?? same;
    const failed = (thrown: unknown): never => {
      throw error === undefined ? thrown : converted(thrown, error);
    };
    // A promise of a future is that future.
    const isFuture = ok?.kind === "future";
    return (...args: unknown[]) => {
      let answer: unknown;
      try {
        answer = (call as AnyFunction)(...(convertsParams ? convertAll(args, params) : args));
      } catch (thrown) {
        return failed(thrown);
      }
      if (isFuture || !isThenable(answer)) return returned(answer);
      if (result === undefined && error === undefined) return type.async ? pendingOf(answer, store) : answer;
      const later = Promise.resolve(answer).then(returned, failed);
      return type.async ? pendingOf(later, store, answer) : later;
    };
  }

  exported(type: FuncType, name: FunctionName, call: AnyFunction): AnyFunction {
    const store = this.#store;
    const params = type.params.map((param) => toComponent(param.type, `\`${param.name}\` of ${shown(name)}`, store));
    const { ok, err } = outcomes(type.result);
    const result = (ok && toProgram(ok, store)) ?? same;
    const error = err && toProgram(err, store);
    return async (...args) => {
      const signal = signalOf(args[params.length]);
      signal?.throwIfAborted();
      try {
        const given = convertAll(args, params);
        if (signal !== undefined) given.push(signal);
        return result(await store.entering(() => call(...given)));
      } catch (thrown) {
        if (error !== undefined && thrown instanceof ComponentError) throw new ComponentError(error(thrown.payload));
        throw store.told(thrown);
      } finally {
        store.runTasks();
      }
    };
  }
}

function shown({ instance, name }: FunctionName): string {
  return instance === "" ? name : `${instance}#${name}`;
}

/** What a function returns, and what it throws. */
function outcomes(result: ValType | undefined): {
  readonly ok: ValType | undefined;
  readonly err: ValType | undefined;
} {
  return result?.kind === "result" ? result : { ok: result, err: undefined };
}

/** As many as there are parameters, whatever was passed. */
function convertAll(values: readonly unknown[], converts: readonly (Convert | undefined)[]): unknown[] {
  return converts.map((convert, i) => (convert === undefined ? values[i] : convert(values[i])));
}

function signalOf(options: unknown): AbortSignal | undefined {
  const signal = typeof options === "object" && options !== null && "signal" in options ? options.signal : undefined;
  return signal instanceof AbortSignal ? signal : undefined;
}

/** What was thrown for the error of a result: a payload, or an error that has one. */
function converted(thrown: unknown, convert: Convert): unknown {
  if (typeof thrown === "object" && thrown !== null && Object.hasOwn(thrown, "payload"))
    return { payload: convert((thrown as { readonly payload: unknown }).payload) };
  return thrown instanceof Error ? thrown : convert(thrown);
}
