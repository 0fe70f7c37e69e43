/** Defined by build.ts. */
declare const POLLUX_BUNDLED: true;

/**
 * Returns the URL of a worker's module, one of bin/, such as `node-waiter`. In a bundle it lies beside the code; in the
 * standalone binary it has its source's name. The package's library uses the bundled one.
 */
export function workerUrl(name: string): URL {
  const here = import.meta.url;
  if (here.includes("/$bunfs/")) return new URL(`./${name}.ts`, here);
  if (typeof POLLUX_BUNDLED !== "undefined") return new URL(`./${name}.js`, here);
  const [runtime = ""] = name.split("-");
  return new URL(here.endsWith(".js") ? `../../../bin/${runtime}/${name}.js` : `../../../bin/${name}.ts`, here);
}
