/** A call as `--invoke` takes it, in WAVE, with values of its types that somebody may replace. */
import { type ExportedFunction, exportedFunctions, namesOf } from "../component/types/exported-functions.ts";
import type { ComponentType, ValType } from "../component/types/types.ts";
import { RUN } from "../wasi/worlds.ts";

/** How many are shown. */
const SHOWN = 3;

/** Sample calls of functions that a component exports, WASI's own left out. */
export function sampleCalls({ exports }: ComponentType): readonly string[] {
  const all = exportedFunctions(exports);
  const names = namesOf(all);
  return all
    .flatMap((each, i) =>
      isCallable(each) ? [`${names[i]}(${each.type.params.map(({ type }) => sample(type)).join(", ")})`] : [],
    )
    .slice(0, SHOWN);
}

/** No method, nothing of WASI, and nothing that no text can stand for. */
function isCallable({ instance, name, type }: ExportedFunction): boolean {
  if (instance?.startsWith("wasi:") || name.startsWith("[") || name === RUN) return false;
  return type.params.every(({ type }) => hasText(type));
}

function hasText(type: ValType): boolean {
  switch (type.kind) {
    case "own":
    case "borrow":
    case "stream":
    case "future":
    case "error-context":
      return false;
    case "record":
      return type.fields.every((field) => hasText(field.type));
    case "tuple":
      return type.types.every(hasText);
    case "list":
      return hasText(type.element);
    case "variant":
      return type.cases[0]?.type === undefined || hasText(type.cases[0].type);
    case "result":
      return type.ok === undefined || hasText(type.ok);
    default:
      return true;
  }
}

function sample(type: ValType): string {
  switch (type.kind) {
    case "bool":
      return "true";
    case "char":
      return "'a'";
    case "string":
      return '"text"';
    case "f32":
    case "f64":
      return "1.5";
    case "list":
      return `[${new Array(type.length ?? 1).fill(sample(type.element)).join(", ")}]`;
    case "tuple":
      return `(${type.types.map(sample).join(", ")})`;
    case "record":
      return `{${type.fields.map((field) => `${field.name}: ${sample(field.type)}`).join(", ")}}`;
    case "flags":
      return `{${type.names[0] ?? ""}}`;
    case "enum":
      return type.names[0]!;
    case "variant":
      return withPayload(type.cases[0]!.name, type.cases[0]!.type);
    case "option":
      return "none";
    case "result":
      return withPayload("ok", type.ok);
    default:
      return "1";
  }
}

function withPayload(name: string, type: ValType | undefined): string {
  return type === undefined ? name : `${name}(${sample(type)})`;
}
