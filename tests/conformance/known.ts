/** The rule of which wasmtime 48 and three of the tests say "also, for now, trap". */
const staysInside =
  "a parent may call its child, and a child its parent, while that waits for it (CanonicalABI.md, `entering_set`)";

/** wasmtime 48 traps whether or not the callee waits. */
const mayReturnAtOnce =
  "a function of no async type may call an async one that returns at once (CanonicalABI.md, `canon_lower`)";

/**
 * Assertions of the component model's reference tests, and of wasmtime's, that fail here, as `file:line`, each with its reason. Only what
 * the engines lack, or where the specification says otherwise, belongs here; the runner fails when one of them passes.
 */
export const known: ReadonlyMap<string, string> = new Map([
  ["async/trap-on-reenter.wast:86", staysInside],
  ["async/trap-on-reenter.wast:110", staysInside],
  // wasmtime's
  ["async/reentrance.wast:92", staysInside],
  ["async/callback-yield-then-exit.wast:50", mayReturnAtOnce],
  ["async/callback-yield-then-exit.wast:51", mayReturnAtOnce],
  ["async/fused.wast:148", mayReturnAtOnce],
  ["async/future-read.wast:125", mayReturnAtOnce],
]);

const noCancellable = "the `cancellable` option is no more (component-model#716); wasm-tools refuses it";

/** Files that wasm-tools does not take, so that nothing of them is run, each with its reason. The runner fails when it takes one. */
export const refused: ReadonlyMap<string, string> = new Map([
  ["async/cancellable.wast", noCancellable],
  // wasmtime's
  ["async/stackful.wast", noCancellable],
  ["async/task-deletion.wast", noCancellable],
  // of its component-model-threading
  ["stackful-cancellation.wast", noCancellable],
  ["yield-cancellable.wast", noCancellable],
]);

const maps = "the `map` type";

/**
 * How many commands of each file, assertions most of them, cannot be run as their component has what Pollux does not support. The
 * runner fails when they are others.
 */
export const unsupported: ReadonlyMap<string, { readonly commands: number; readonly what: string }> = new Map([
  ["binary/binary.wast", { commands: 2, what: `${maps}, and \`cancellable\`` }],
  ["validation/max-value-size.wast", { commands: 1, what: maps }],
  ["values/concat.wast", { commands: 10, what: maps }],
  // wasmtime's
  ["map-types.wast", { commands: 1, what: maps }],
]);
