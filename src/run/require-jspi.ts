import { UnsupportedRuntime } from "../machine/unsupported-runtime.ts";

/** Checks for JSPI, without which no guest can be suspended. @throws UnsupportedRuntime if the engine lacks it */
export function requireJspi(): void {
  if ("Suspending" in WebAssembly) return;
  throw new UnsupportedRuntime(
    "Pollux needs JSPI here, which Node has since 24.20 (since 24.0 with --experimental-wasm-jspi): use that, Bun, Deno or Pollux's own binary",
  );
}
