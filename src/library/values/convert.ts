/** Values that hold streams or futures: those of component/streams.ts for the program's, and the other way round. */
import { isNullable } from "../../component/abi/lift-code.ts";
import type { ReadableBytes, ReadableFuture, ReadableValues } from "../../component/streams.ts";
import { payloadsOf, tagsOf } from "../../component/types/layout.ts";
import { camelCase } from "../../component/types/names.ts";
import type { StreamOrFuture, ValType } from "../../component/types/types.ts";
import { checkOf } from "./check.ts";
import { futureOf } from "./promised.ts";
import { promiseOf, readableOf } from "./readers.ts";
import { sourceOf } from "./sources.ts";
import type { Store } from "./store.ts";

export type Convert = (value: unknown) => unknown;

/** What a stream or future becomes. */
type ConvertEnd = (type: StreamOrFuture, place: string) => Convert;

/** What a component is given in the place of the program's value; undefined: that itself. @param place For error messages */
export function toComponent(type: ValType, place: string, store: Store): Convert | undefined {
  const convert = converter(type, place, (end, where) => {
    const inner = (end.payload && toComponent(end.payload, `a value of ${where}`, store)) ?? same;
    const makes = end.kind === "stream" ? sourceOf : futureOf;
    return (value) => makes(value, end.payload, inner, where, store);
  });
  if (convert === undefined || type.kind === "stream" || type.kind === "future") return convert;
  const check = checkOf(type);
  return (value) => {
    const wrong = check(value);
    if (wrong !== undefined) throw new TypeError(`${place}: ${wrong}`);
    return convert(value);
  };
}

/** What the program is given in the place of the component's value; undefined: that itself. */
export function toProgram(type: ValType, store: Store): Convert | undefined {
  return converter(type, "", (end) => {
    const inner = (end.payload && toProgram(end.payload, store)) ?? same;
    return end.kind === "stream"
      ? (value) => readableOf(value as ReadableBytes & ReadableValues, end.payload, inner, store)
      : (value) => promiseOf(value as ReadableFuture, inner, store);
  });
}

/** Where nothing is converted. */
export function same(value: unknown): unknown {
  return value;
}

function converter(type: ValType, place: string, convertEnd: ConvertEnd): Convert | undefined {
  if (!type.info.streams) return undefined;
  switch (type.kind) {
    case "stream":
    case "future":
      return convertEnd(type, place);
    case "list": {
      const convert = converter(type.element, place, convertEnd) ?? same;
      return (value) => Array.from(value as Iterable<unknown>, convert);
    }
    case "record": {
      const fields = type.fields.map(({ name, type: of }) => {
        const key = camelCase(name);
        return [key, converter(of, `\`${key}\` in ${place}`, convertEnd) ?? same] as const;
      });
      return (value) =>
        Object.fromEntries(fields.map(([key, convert]) => [key, convert((value as Record<string, unknown>)[key])]));
    }
    case "tuple": {
      const items = type.types.map((of, i) => converter(of, `item ${i} of ${place}`, convertEnd) ?? same);
      return (value) => items.map((convert, i) => convert((value as readonly unknown[])[i]));
    }
    case "option":
      if (!isNullable(type.type)) {
        const convert = converter(type.type, place, convertEnd) ?? same;
        return (value) => (value === undefined || value === null ? undefined : convert(value));
      }
  }
  return casesConverter(type, place, convertEnd);
}

function casesConverter(type: ValType, place: string, convertEnd: ConvertEnd): Convert {
  const payloads = payloadsOf(type) ?? [];
  const converts = new Map(
    tagsOf(type).map((tag, i) => [
      tag,
      (payloads[i] && converter(payloads[i], `\`${tag}\` of ${place}`, convertEnd)) ?? same,
    ]),
  );
  return (value) => {
    const { tag, val } = value as { readonly tag: string; readonly val?: unknown };
    return { tag, val: converts.get(tag)?.(val) };
  };
}
