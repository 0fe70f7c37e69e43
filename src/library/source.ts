/**
 * Where a component comes from: its bytes or what holds them; or the place to get them: a path from the working directory, or a URL
 * (`file:` and what `fetch` knows).
 */
export type ComponentSource = string | URL | Uint8Array | ArrayBuffer | Response | { readonly bytes: Uint8Array };

/** The beginning of a URL. One letter is a drive of Windows. */
const SCHEME = /^[a-z][a-z0-9+.-]+:/i;

/**
 * Its bytes. What the caller holds is copied, as `WebAssembly.compile` does: modules are compiled from it later.
 *
 * @throws Error if there is no such file, or the place does not answer with it
 */
export async function readSource(source: ComponentSource): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof source === "string") return SCHEME.test(source) ? readSource(new URL(source)) : readFrom(source);
  if (source instanceof URL) return source.protocol === "file:" ? readFrom(source) : readSource(await fetch(source));
  if (source instanceof ArrayBuffer) return new Uint8Array(source.slice(0));
  if (source instanceof Response) {
    if (!source.ok) throw new Error(`${source.url} answered ${source.status}`);
    return new Uint8Array(await source.arrayBuffer());
  }
  return new Uint8Array(source instanceof Uint8Array ? source : source.bytes);
}

async function readFrom(file: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  const { readFile } = await import("node:fs/promises");
  return new Uint8Array(await readFile(file));
}
