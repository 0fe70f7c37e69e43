/**
 * Assertions of the component model's reference tests that fail here, as `file:line`, each with its reason. Only what needs
 * component model async or a feature that the engines lack belongs here; the runner fails when one of them passes.
 */
export const known: ReadonlyMap<string, string> = new Map([]);
