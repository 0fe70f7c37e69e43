import { UnsupportedRuntime } from "../machine/unsupported-runtime.ts";

/** @throws UnsupportedRuntime where the engine is older than the library: what it lacks would be missed anywhere */
export function requireEngine(): void {
  if ("withResolvers" in Promise) return;
  throw new UnsupportedRuntime(
    "Pollux's library needs Promise.withResolvers, which Node has since 22: use that, Bun or Deno",
  );
}
