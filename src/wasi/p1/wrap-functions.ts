import type { Preview1Function } from "./context.ts";
import type { Preview1Imports } from "./imports.ts";

/** The same imports, with what `wrap` answers in place of each function: for a guest, so what that answers may be the engine's. */
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
