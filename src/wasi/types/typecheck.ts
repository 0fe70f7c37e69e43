/**
 * Compares the type of a function that a component imports with that of the host's function. Differences are in
 * wasmtime's words (component/func/typed.rs).
 */
import type { Case, FuncType, ResourceId, ValType } from "../../component/types/types.ts";

/** The differences, outermost first; empty if the types match. */
export type Causes = readonly string[];

/** Returns whether a resource of the component is bound to that one of the host. */
export type SameResource = (actual: ResourceId, expected: ResourceId) => boolean;

const fits: readonly string[] = [];

/** Compares an imported function with the host's. Whether it is async counts too: the host must know. */
export function importMismatch(actual: FuncType, expected: FuncType, same: SameResource): Causes {
  if (actual.async === expected.async) return funcMismatch(actual, expected, same);
  return [
    actual.async
      ? "type mismatch with async: this import is declared `async func` in WIT, but was satisfied with a sync-style host function"
      : "type mismatch with async: this import's WIT type is a plain (non-`async`) function, but the host's is an `async func`",
  ];
}

/** Compares parameters and results. Names of parameters, and own against borrow, make no difference. */
export function funcMismatch(actual: FuncType, expected: FuncType, same: SameResource): Causes {
  const types = ({ params }: FuncType) => params.map(({ type }) => type);
  const results = ({ result }: FuncType) => (result === undefined ? [] : [result]);
  const params = tupleMismatch(types(actual), types(expected), same);
  if (params.length > 0) return ["type mismatch with parameters", ...params];
  return within("type mismatch with results", tupleMismatch(results(actual), results(expected), same));
}

function within(context: string, causes: Causes): Causes {
  return causes.length === 0 ? fits : [context, ...causes];
}

/** Returns the causes of the first item that differs. */
function firstMismatch<T>(items: readonly T[], mismatch: (item: T, index: number) => Causes): Causes {
  for (const [index, item] of items.entries()) {
    const causes = mismatch(item, index);
    if (causes.length > 0) return causes;
  }
  return fits;
}

function tupleMismatch(actual: readonly ValType[], expected: readonly ValType[], same: SameResource): Causes {
  if (actual.length !== expected.length) return [`expected ${expected.length}-tuple, found ${actual.length}-tuple`];
  return firstMismatch(expected, (type, i) => mismatch(actual[i]!, type, same));
}

function mismatch(actual: ValType, expected: ValType, same: SameResource): Causes {
  if (expected.kind === "own" || expected.kind === "borrow") {
    if (actual.kind !== "own" && actual.kind !== "borrow")
      return [`expected \`own\` or \`borrow\`, found \`${describe(actual)}\``];
    return same(actual.resource, expected.resource) ? fits : ["resource type mismatch"];
  }
  if (describe(actual) !== describe(expected)) {
    const comma = expected.kind === "stream" || expected.kind === "future" ? "," : "";
    return [`expected \`${describe(expected)}\`${comma} found \`${describe(actual)}\``];
  }
  switch (expected.kind) {
    case "list":
      return mismatch((actual as typeof expected).element, expected.element, same);
    case "option":
      return mismatch((actual as typeof expected).type, expected.type, same);
    case "tuple":
      return tupleMismatch((actual as typeof expected).types, expected.types, same);
    case "result": {
      const { ok, err } = actual as typeof expected;
      const causes = payloadMismatch(ok, expected.ok, "expected no `ok` type", same);
      return causes.length > 0 ? causes : payloadMismatch(err, expected.err, "expected no `err` type", same);
    }
    case "stream":
    case "future":
      return payloadMismatch(
        (actual as typeof expected).payload,
        expected.payload,
        "future payload types differ",
        same,
      );
    case "record": {
      const { fields } = actual as typeof expected;
      if (fields.length !== expected.fields.length)
        return [`expected record of ${expected.fields.length} fields, found ${fields.length} fields`];
      return firstMismatch(expected.fields, ({ name, type }, i) => {
        const given = fields[i]!;
        const causes = mismatch(given.type, type, same);
        if (causes.length > 0) return [`type mismatch for field ${name}`, ...causes];
        return given.name === name ? fits : [`expected record field named ${name}, found ${given.name}`];
      });
    }
    case "variant": {
      const { cases } = actual as typeof expected;
      if (cases.length !== expected.cases.length)
        return [`expected variant of ${expected.cases.length} cases, found ${cases.length} cases`];
      return firstMismatch(expected.cases, (wanted, i) => caseMismatch(cases[i]!, wanted, same));
    }
    case "enum":
    case "flags": {
      const { names } = actual as typeof expected;
      const [what, one] = expected.kind === "enum" ? ["enum of", "enum case"] : ["flags type with", "flag"];
      if (names.length !== expected.names.length)
        return [`expected ${what} ${expected.names.length} names, found ${names.length} names`];
      return firstMismatch(expected.names, (name, i) =>
        names[i] === name ? fits : [`expected ${one} named ${name}, found ${names[i]}`],
      );
    }
    default:
      return fits;
  }
}

/**
 * Compares payloads. wasmtime's own type for no payload is the empty tuple.
 *
 * @param absent the cause if only `actual` has none
 */
function payloadMismatch(
  actual: ValType | undefined,
  expected: ValType | undefined,
  absent: string,
  same: SameResource,
): Causes {
  if (actual === undefined) return expected === undefined ? fits : [absent];
  if (expected !== undefined) return mismatch(actual, expected, same);
  return actual.kind === "tuple"
    ? tupleMismatch(actual.types, [], same)
    : [`expected \`tuple\` found \`${describe(actual)}\``];
}

function caseMismatch(actual: Case, { name, type }: Case, same: SameResource): Causes {
  if (actual.name !== name) return [`expected variant case named ${name}, found ${actual.name}`];
  if (actual.type === undefined)
    return type === undefined ? fits : [`case \`${name}\` has no type but one was expected`];
  if (type === undefined) return [`case \`${name}\` has a type but none was expected`];
  return within(`type mismatch for case ${name}`, mismatch(actual.type, type, same));
}

function describe(type: ValType): string {
  switch (type.kind) {
    case "own":
      return "owned resource";
    case "borrow":
      return "borrowed resource";
    case "list":
      return type.length === undefined ? "list" : "list<_, N>";
    default:
      return type.kind;
  }
}
