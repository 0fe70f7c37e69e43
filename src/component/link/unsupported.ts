import { LinkError } from "../../wasm/errors.ts";
import type { Component, Definition } from "../binary/component.ts";
import type { FuncType } from "../types/types.ts";

/** What the component model has and instances do not do yet: all that is of its async. */

/** Why a definition of the component, or of one nested in it, cannot be instantiated; undefined: all can. */
export function unsupportedPart({ definitions }: Component): string | undefined {
  for (const definition of definitions) {
    const why = definition.kind === "component" ? unsupportedPart(definition.component) : unsupported(definition);
    if (why !== undefined) return why;
  }
  return undefined;
}

/** @throws LinkError if the definition is not supported yet */
export function refuseUnsupported(definition: Definition): void {
  const why = unsupported(definition);
  if (why !== undefined) throw new LinkError(definition.kind, [why]);
}

function unsupported(definition: Definition): string | undefined {
  const { kind } = definition;
  switch (kind) {
    case "core-module":
    case "core-instantiate":
    case "core-exports":
    case "component":
    case "instantiate":
    case "exports":
    case "alias-export":
    case "alias-core-export":
    case "alias-outer":
    case "resource":
    case "resource.new":
    case "resource.drop":
    case "resource.rep":
    case "import":
    case "export":
      return undefined;
    case "lift":
    case "lower":
      return definition.type.async || hasStreams(definition.type)
        ? `\`canon ${kind}\` of ${definition.type.async ? "an async function" : "a function with streams or futures"} ${notYet}`
        : undefined;
    default:
      return `the canonical function \`${kind}\` ${notYet}`;
  }
}

const notYet = "is not supported yet: it belongs to component model async (WASI 0.3)";

function hasStreams({ params, result }: FuncType): boolean {
  return params.some(({ type }) => type.info.streams) || result?.info.streams === true;
}
