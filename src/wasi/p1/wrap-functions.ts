import type { Preview1Function } from "./context.ts";
import type { Preview1Imports } from "./imports.ts";

/**
 * Returns the same imports, each function replaced by what `wrap` returns. That is for the engine to call, so it may be
 * a `WebAssembly.Suspending`.
 */
export function wrapFunctions(
  made: Preview1Imports,
  wrap: (call: Preview1Function, name: string, module: string) => (...args: never[]) => unknown,
): Preview1Imports {
  const modules = Object.entries(made.modules).map(([module, functions]) => {
    const wrapped = Object.entries(functions).map(([name, call]) => [name, wrap(call, name, module)]);
    return [module, Object.fromEntries(wrapped)];
  });
  return { ...made, modules: Object.fromEntries(modules) };
}
