/** What a component must be allowed to use, by the names that wasmtime's options have behind `component-model-`. */
export type Feature = "async" | "error-context" | "threading";

/** What every component may use. */
export const standardFeatures: ReadonlySet<Feature> = new Set(["async"]);

/** What there is. */
export const allFeatures: ReadonlySet<Feature> = new Set([...standardFeatures, "error-context", "threading"]);
