import { allFeatures } from "../component/binary/features.ts";
import { parseComponent } from "../component/binary/parse.ts";
import { usesAsync } from "../component/link/load-async-support.ts";
import { banner, declarationsOf, nameFor } from "./declarations.ts";
import { ERROR_CONTEXT } from "./type-text.ts";

export interface TypingsOptions {
  /** The name of the interface of its exports; by default made of its file's. */
  readonly name?: string | undefined;
  /** Whether it is instantiated with `wait: "suspending"`, so that all its functions return promises. One with async functions always is. */
  readonly suspending?: boolean;
}

/**
 * Returns the TypeScript declarations of a component.
 *
 * @param file Its name, as the user gave it
 * @throws ParseError if it is no component
 */
export function componentTypings(
  file: string,
  bytes: Uint8Array<ArrayBuffer>,
  { name = nameFor(file), suspending = false }: TypingsOptions,
): string {
  const component = parseComponent(bytes, allFeatures);
  const isAsync = usesAsync(component);
  const declarations = declarationsOf(component.type, { name, usesAsync: isAsync, suspends: suspending || isAsync });
  const imported = declarations.includes(ERROR_CONTEXT)
    ? `import type { ErrorContext as ${ERROR_CONTEXT} } from "pollux";\n\n`
    : "";
  return banner(file) + imported + declarations;
}
