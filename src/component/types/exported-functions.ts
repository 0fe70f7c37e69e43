import { splitVersion } from "./names.ts";
import type { ComponentType, FuncType } from "./types.ts";

/** An exported function. */
export interface ExportedFunction {
  readonly type: FuncType;
  /** The exported instance that it is in; undefined: it is in none. */
  readonly instance: string | undefined;
  readonly name: string;
}

type Exports = ComponentType["exports"];

/** Those of the component, and of the instances that it exports. */
export function exportedFunctions(exports: Exports): readonly ExportedFunction[] {
  return [...exports].flatMap(([name, item]): ExportedFunction[] => {
    if (item.kind === "func") return [{ type: item.type, instance: undefined, name }];
    if (item.kind !== "instance") return [];
    return [...item.type.exports.keys()].flatMap((each) => functionIn(exports, name, each) ?? []);
  });
}

/** @param instance Undefined: at the root */
export function functionIn(exports: Exports, instance: string | undefined, name: string): ExportedFunction | undefined {
  const home = instance === undefined ? undefined : exports.get(instance);
  if (instance !== undefined && home?.kind !== "instance") return undefined;
  const item = (home?.kind === "instance" ? home.type.exports : exports).get(name);
  return item?.kind === "func" ? { type: item.type, instance, name } : undefined;
}

/** `a:b/c.run@1.0.0`. */
export function qualified({ instance = "", name }: ExportedFunction): string {
  const { base, version } = splitVersion(instance);
  return `${base}.${name}${version === undefined ? "" : `@${version}`}`;
}

/** The names by which they are told apart: bare where that is enough. */
export function namesOf(functions: readonly ExportedFunction[]): readonly string[] {
  const alone = ({ name }: ExportedFunction) => functions.filter((each) => each.name === name).length === 1;
  return functions.map((each) => (each.instance === undefined || alone(each) ? each.name : qualified(each)));
}
