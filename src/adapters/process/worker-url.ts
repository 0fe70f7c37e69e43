/**
 * Where the module of a worker is, one of bin/. The entry points of the standalone binary lie beside the code that they share,
 * under the names of their sources.
 */
export function workerUrl(name: string): URL {
  const here = import.meta.url;
  if (here.includes("/$bunfs/")) return new URL(`./${name}.ts`, here);
  return new URL(`../../../bin/${name}${here.endsWith(".js") ? ".js" : ".ts"}`, here);
}
