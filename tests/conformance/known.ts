/** The rule of which wasmtime 48 and three of the tests say "also, for now, trap". */
const staysInside =
  "a parent may call its child, and a child its parent, while that waits for it (CanonicalABI.md, `entering_set`)";

/**
 * Assertions of the component model's reference tests, and of wasmtime's, that fail here, as `file:line`, each with its reason. Only what
 * the engines lack, or where the specification says otherwise, belongs here; the runner fails when one of them passes.
 */
export const known: ReadonlyMap<string, string> = new Map([
  // not run yet: it needs an async call between components
  ["async/trap-on-reenter.wast:65", staysInside],
  ["async/trap-on-reenter.wast:86", staysInside],
  ["async/trap-on-reenter.wast:110", staysInside],
]);

const noCancellable = "the `cancellable` option is no more (component-model#716); wasm-tools refuses it";

/** Files that wasm-tools does not take, so that nothing of them is run, each with its reason. The runner fails when it takes one. */
export const refused: ReadonlyMap<string, string> = new Map([
  ["async/cancellable.wast", noCancellable],
  // wasmtime's
  ["async/stackful.wast", noCancellable],
  ["async/task-deletion.wast", noCancellable],
]);
