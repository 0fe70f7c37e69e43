import type { AsyncBuiltin } from "../binary/canon.ts";
import { type Component, type Definition, hasDefinition } from "../binary/component.ts";
import type { FuncType } from "../types/types.ts";
import type { AsyncSupport } from "./async-support.ts";

/** Loads the code that the component needs for component model async; undefined if it needs none. */
export async function loadAsyncSupport(component: Component): Promise<AsyncSupport | undefined> {
  return usesAsync(component) ? (await import("./async-support.ts")).asyncSupport : undefined;
}

/** Whether a component has anything of component model async. */
export function usesAsync(component: Component): boolean {
  return hasDefinition(component, (definition) => {
    if (definition.kind === "lift" || definition.kind === "lower")
      return definition.type.async || hasStreams(definition.type);
    return isAsyncBuiltin(definition);
  });
}

function hasStreams({ params, result }: FuncType): boolean {
  return params.some(({ type }) => type.info.streams) || result?.info.streams === true;
}

/** The kinds of definitions that are not built-ins of component model async. */
const others: ReadonlySet<string> = new Set<Exclude<Definition["kind"], AsyncBuiltin["kind"]>>([
  "core-module",
  "core-instantiate",
  "core-exports",
  "component",
  "instantiate",
  "exports",
  "alias-export",
  "alias-core-export",
  "alias-outer",
  "resource",
  "lift",
  "lower",
  "resource.new",
  "resource.drop",
  "resource.rep",
  "import",
  "export",
]);

function isAsyncBuiltin(definition: Definition): definition is AsyncBuiltin {
  return !others.has(definition.kind);
}
