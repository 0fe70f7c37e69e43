import type { ValType } from "../../component/types/types.ts";

export type Cases = readonly string[];

/** The `tag`s of a type whose values are `{ tag, val }`, in the order of its payloads. */
export function casesOf(type: ValType): Cases {
  switch (type.kind) {
    case "option":
      return ["none", "some"];
    case "result":
      return ["ok", "err"];
    case "variant":
      return type.cases.map(({ name }) => name);
    default:
      return [];
  }
}
