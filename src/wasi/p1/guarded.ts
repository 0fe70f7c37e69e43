import { throwThrough } from "../../core/wait/uncatchable.ts";
import { coreSignature } from "./abi/signatures.ts";
import type { Preview1Function, Preview1Functions } from "./context.ts";

type Guard = (work: Preview1Function, throwThrough: (error: unknown) => never) => Preview1Function;

/** Guards by number of parameters. */
const guards: Guard[] = [];

/** Returns the functions wrapped so that a guest cannot catch what they throw and continue. */
export function guarded(functions: Preview1Functions): Preview1Functions {
  const entries = Object.entries(functions).map(([name, work]): [string, Preview1Function] => {
    const { length } = coreSignature(name).params;
    guards[length] ??= guardOf(length);
    return [name, guards[length](work, throwThrough)];
  });
  return Object.fromEntries(entries);
}

/** Makes a guard with exactly `length` parameters: a rest parameter would allocate an array in each call. */
function guardOf(length: number): Guard {
  const params = Array.from({ length }, (_, i) => `p${i}`).join();
  return new Function(
    "work",
    "throwThrough",
    `"use strict";
    return (${params}) => {
      try {
        const result = work(${params});
        return typeof result === "number" ? result : result.catch(throwThrough);
      } catch (error) {
        throwThrough(error);
      }
    };`,
  ) as Guard;
}
