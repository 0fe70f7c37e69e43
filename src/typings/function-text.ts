import { camelCase } from "../component/types/names.ts";
import type { FuncType, ValType } from "../component/types/types.ts";
import { type Direction, reference, type TypeNames } from "./type-text.ts";

/** Words that no parameter may be called. */
const reserved: ReadonlySet<string> = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends false " +
    "finally for function if implements import in instanceof interface let new null package private protected public return " +
    "static super switch this throw true try typeof var void while with yield"
  ).split(" "),
);

/** How a program calls exported functions, or its own are called. */
export interface CallStyle {
  readonly side: "import" | "export";
  /** Exported functions return promises, and imported ones may. */
  readonly suspends: boolean;
  /** Exported functions take a signal after their arguments. */
  readonly usesAsync: boolean;
}

/** `(name: string): number` of a function; of a method without the first parameter, which is `this`. */
export function signature(type: FuncType, style: CallStyle, names: TypeNames, isMethod = false): string {
  return `(${parameters(type, style, names, isMethod)}): ${returned(type, style, names)}`;
}

/** `new (name: string) => Thing`. */
export function construction(type: FuncType, style: CallStyle, names: TypeNames, thing: string): string {
  const made = style.side === "export" && style.suspends ? `Promise<${thing}>` : thing;
  return `new (${parameters(type, style, names, false)}) => ${made}`;
}

function parameters({ params }: FuncType, { side, usesAsync }: CallStyle, names: TypeNames, isMethod: boolean): string {
  const direction: Direction = side === "export" ? "given" : "got";
  const list = (isMethod ? params.slice(1) : params).map(({ name, type }) => {
    const camel = camelCase(name);
    return `${reserved.has(camel) ? `${camel}_` : camel}: ${reference(type, names, direction)}`;
  });
  if (side === "export" && usesAsync) list.push("options?: { readonly signal?: AbortSignal }");
  return list.join(", ");
}

function returned({ async, result }: FuncType, { side, suspends }: CallStyle, names: TypeNames): string {
  const value = returnedValue(result);
  const text = value === undefined ? "void" : reference(value, names, side === "export" ? "got" : "given");
  if (side === "export") return suspends || async ? `Promise<${text}>` : text;
  return suspends || async ? `${text} | PromiseLike<${text}>` : text;
}

/** Returns the type of a result without its error, which is thrown. */
function returnedValue(result: ValType | undefined): ValType | undefined {
  return result?.kind === "result" ? result.ok : result;
}

/** Returns lines of a comment about its error: the payload of a `ComponentError`, or what the program throws itself. */
export function thrown({ result }: FuncType, { side }: CallStyle, names: TypeNames): readonly string[] {
  if (result?.kind !== "result") return [];
  const payload =
    result.err === undefined ? "undefined" : reference(result.err, names, side === "export" ? "got" : "given");
  const what = side === "export" ? `ComponentError with the payload \`${payload}\`` : `\`${payload}\``;
  return [`/** @throws ${what} */`];
}
