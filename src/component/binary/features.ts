/** A feature that a component must be allowed to use. The names are those of wasmtime's options behind `component-model-`. */
export type Feature = "async" | "error-context" | "threading";

/** The features that every component may use. */
export const standardFeatures: ReadonlySet<Feature> = new Set(["async"]);

/** All features. */
export const allFeatures: ReadonlySet<Feature> = new Set([...standardFeatures, "error-context", "threading"]);
