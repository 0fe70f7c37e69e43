#!/usr/bin/env -S deno run -A
import { optimizeSmallGuest } from "../src/adapters/deno-flags.ts";

optimizeSmallGuest(Deno.args);

// Only now: what is loaded before Deno starts again is loaded twice.
const [{ machines }, { start }] = await Promise.all([import("../src/adapters/deno.ts"), import("../src/cli/main.ts")]);
await start({
  machines,
  watchdog: { name: "deno-watchdog", from: import.meta.url },
  environment(name) {
    // Deno would ask for a permission that it was not given.
    const { state } = Deno.permissions.querySync({ name: "env", variable: name });
    return state === "granted" ? Deno.env.get(name) : undefined;
  },
});
