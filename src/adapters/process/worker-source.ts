/**
 * Where the code of a worker is: beside this, when Pollux runs from its sources. What is shipped has another module in the place of
 * this one (build.ts), which returns the code itself as text: a text can be bundled and compiled with whatever starts it, where a
 * file beside it is found by some bundlers and left behind by others.
 *
 * @param name The path of the worker's module in the repository, without `.ts`
 */
export function workerSource(name: string): URL | string {
  return new URL(`../../../${name}.ts`, import.meta.url);
}
