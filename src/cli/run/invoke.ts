/** A call of a core module's function: arguments from the command line, results to stdout, as wasmtime has them. */

import { type Invocation, InvokeError } from "../../run/module.ts";
import type { CoreFuncType } from "../../wasm/types.ts";
import { formatFloat } from "../../wave/float.ts";
import { writeErr, writeOut } from "../output/output.ts";

/**
 * @param name --invoke's; undefined: the command's own function
 * @param args the guest's arguments, of which the function takes as many as it has parameters
 */
export function invocation(name: string | undefined, args: readonly string[]): Invocation {
  const called = name === undefined ? "command default" : `\`${name}\``;
  return {
    name,
    arguments({ params, results }) {
      if (params.length > 0) warn("takes arguments");
      const values = params.map((type, i) => {
        const text = args[i];
        if (text === undefined) throw new InvokeError(`not enough arguments for ${called}`);
        return parseArgument(type, text);
      });
      const opaque = results.find((type) => OPAQUE.test(type));
      if (opaque !== undefined) throw new InvokeError(`unsupported result type ${opaque}`);
      return values;
    },
    results({ results }, values) {
      if (results.length > 0) warn("returns values");
      writeOut(values.map((value, i) => `${formatResult(results[i]!, value)}\n`).join(""));
    },
  };
}

/** What JavaScript cannot hold: engines refuse to call functions that return it. */
const OPAQUE = /^v128$|^\(ref (?:null )?(?:no)?exn\)$/;

function warn(what: string): void {
  writeErr(`warning: using \`--invoke\` with a function that ${what} is experimental and may break in the future\n`);
}

/** @throws InvokeError in Rust's words */
export function parseArgument(type: CoreFuncType["params"][number], text: string): number | bigint {
  switch (type) {
    case "i32":
      return Number(parseInteger(text, 32));
    case "i64":
      return parseInteger(text, 64);
    case "f32":
      return Math.fround(parseFloating(text));
    case "f64":
      return parseFloating(text);
    default:
      throw new InvokeError(`unsupported argument type ${type}`);
  }
}

/** Signed, decimal, or hexadecimal after `0x`, whose digits may have a sign of their own. */
function parseInteger(text: string, bits: number): bigint {
  const hexadecimal = /^0x/i.test(text);
  const digits = hexadecimal ? text.slice(2) : text;
  if (digits === "") throw new InvokeError("cannot parse integer from empty string");
  const match = (hexadecimal ? /^([+-]?)([0-9a-f]+)$/i : /^([+-]?)(\d+)$/).exec(digits);
  if (match === null) throw new InvokeError("invalid digit found in string");
  const magnitude = BigInt(hexadecimal ? `0x${match[2]}` : match[2]!);
  const value = match[1] === "-" ? -magnitude : magnitude;
  if (value >= 1n << BigInt(bits - 1)) throw new InvokeError("number too large to fit in target type");
  if (value < -(1n << BigInt(bits - 1))) throw new InvokeError("number too small to fit in target type");
  return value;
}

function parseFloating(text: string): number {
  if (text === "") throw new InvokeError("cannot parse float from empty string");
  const named = /^([+-]?)(?:(inf|infinity)|(nan))$/i.exec(text);
  if (named !== null) return named[3] !== undefined ? Number.NaN : named[1] === "-" ? -Infinity : Infinity;
  if (!/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) throw new InvokeError("invalid float literal");
  return Number(text);
}

export function formatResult(type: CoreFuncType["results"][number], value: unknown): string {
  switch (type) {
    case "i32":
    case "i64":
      return String(value);
    case "f32":
      return formatFloat(Number(value), true);
    case "f64":
      return formatFloat(Number(value), false);
    default:
      return formatReference(type, value);
  }
}

/** `<null funcref>`, `<externref>`: of a reference only its kind is told. */
function formatReference(type: string, value: unknown): string {
  const heap = /^\(?ref (?:null )?(\w+)/.exec(type)?.[1] ?? type;
  const kind = heap.endsWith("ref") ? heap : `${heap}ref`;
  return value === null ? `<null ${kind}>` : `<${kind}>`;
}
