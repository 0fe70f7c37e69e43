import { UnsupportedRuntime } from "../machine/unsupported-runtime.ts";

/** @throws UnsupportedRuntime where the engine cannot put a guest's stack aside: then no guest can be suspended */
export function requireJspi(): void {
  if ("Suspending" in WebAssembly) return;
  throw new UnsupportedRuntime(
    "Pollux needs JSPI here, which Node has since 24.20 (since 24.0 with --experimental-wasm-jspi): use that, Bun, Deno or Pollux's own binary",
  );
}
