/** Options that rule each other out, or the kind of guest that they are given with: wasmtime's refusals in its words, and ours. */

import { Failure, mainFailure } from "../output/failure.ts";
import { writeErr } from "../output/output.ts";
import { hasP3, hasWasi } from "./guest-options.ts";
import type { Settings } from "./settings.ts";

/** wasmtime's, unless it is given, in bytes. */
const MAX_WASM_STACK = 512n * 1024n;

/** Options that an engine without concurrency cannot have. */
const concurrent = [
  "component-model-async",
  "component-model-more-async-builtins",
  "component-model-async-stackful",
  "component-model-threading",
  "component-model-error-context",
] as const;

/** Before the file is read. @throws Failure */
export function checkEngine({ wasm, debug }: Settings): void {
  const { "max-wasm-stack": stack = MAX_WASM_STACK, "async-stack-size": asyncStack } = wasm;
  if (asyncStack !== undefined && stack > asyncStack)
    throw new Failure("max_wasm_stack size cannot exceed the async_stack_size");
  if (stack === 0n) throw new Failure("max_wasm_stack size cannot be zero");
  if (wasm["concurrency-support"] === false && concurrent.some((key) => wasm[key] === true))
    throw new Failure("concurrency support must be enabled to use the component model async or threading features");
  if (debug.coredump?.includes("%") === true)
    throw new Failure("the coredump-on-trap path does not support patterns yet.");
}

/** @param file The guest's. @throws Failure */
export function checkWatch({ watch, net }: Settings, file: string): void {
  if (watch === undefined) return;
  if (file === "-") throw new Failure("--watch needs a file: standard input cannot be watched");
  if (watch === "keep-listeners" && net === "evented")
    throw new Failure("--watch=keep-listeners needs --net=posix: the runtime cannot hand its sockets on");
}

/** For a component, before anything of it is linked. @throws Failure */
export function checkComponent({ wasm, wasi, preloads }: Settings, file: string): void {
  if (wasm["component-model"] === false)
    throw new Failure("cannot execute a component without `--wasm component-model`");
  if (wasm["unknown-exports-allow"] !== undefined)
    throw new Failure("--allow-unknown-exports not supported with components");
  if (preloads.length > 0) throw new Failure("--preload cannot be used with components");
  checkAliases(wasi);
  if (wasi["cli-exit-with-code"] === false) writeErr("warning: cannot disable `-Scli-exit-with-code` any more\n");
  if (wasi.threads === true) throw new Failure("support for wasi-threads has been removed from Wasmtime");
  if (wasm["unknown-imports-default"] === true)
    throw new Failure(mainFailure(file), ["cannot use `--default-values-unknown-imports` with components"]);
}

/** For a component, once it is read. @throws Failure */
export function checkConcurrency(given: Settings): void {
  if (hasNoConcurrency(given) && hasWasi(given)) throw new Failure("failed to link `wasi:cli@0.3.x`", [NO_CONCURRENCY]);
}

/** For a component that is served, before its file is read. @throws Failure */
export function checkServer(given: Settings): void {
  const { wasm, wasi } = given;
  if (wasi.threads === true) throw new Failure("wasi-threads does not support components yet");
  if (wasi.http === false) throw new Failure("wasi-http is required for the serve command, and must not be disabled");
  if (wasm["component-model"] === false)
    throw new Failure("components are required for the serve command, and must not be disabled");
  checkAliases(wasi);
  if (hasNoConcurrency(given)) {
    const all = (wasi.cli ?? wasi.common) === true;
    throw all ? new Failure("failed to link `wasi:cli@0.3.x`", [NO_CONCURRENCY]) : new Failure(NO_CONCURRENCY);
  }
  if (wasi.tcplisten !== undefined) throw new Failure("components do not support --tcplisten");
}

const NO_CONCURRENCY = "concurrent host functions require `Config::concurrency_support`";

function hasNoConcurrency(given: Settings): boolean {
  return given.wasm["concurrency-support"] === false && hasP3(given);
}

/** For a core module. @throws Failure */
export function checkModule({ wasi }: Settings): void {
  checkAliases(wasi);
  if (wasi.threads === true && wasi.preview2 === undefined)
    throw new Failure("the `-Sthreads` flag is no longer supported");
  if (wasi.http === true) throw new Failure("Cannot enable wasi-http for core wasm modules");
  if (wasi.config === true) throw new Failure("Cannot enable wasi-config for core wasm modules");
}

function checkAliases({ cli, common }: Settings["wasi"]): void {
  if (cli !== undefined && common !== undefined)
    throw new Failure("The -Scommon option should not be use with -Scli as it is a deprecated alias");
}
