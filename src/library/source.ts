/** Where a component comes from: its bytes, what holds them, or the place to get them (file: and what `fetch` knows). */
export type ComponentSource = Uint8Array | ArrayBuffer | Response | URL | { readonly bytes: Uint8Array };

/**
 * Its bytes. What the caller holds is copied, as `WebAssembly.compile` does: modules are compiled from it later.
 *
 * @throws Error if the place does not answer with it
 */
export async function readSource(source: ComponentSource): Promise<Uint8Array<ArrayBuffer>> {
  if (source instanceof ArrayBuffer) return new Uint8Array(source.slice(0));
  if (source instanceof URL) {
    if (source.protocol !== "file:") return readSource(await fetch(source));
    const { readFile } = await import("node:fs/promises");
    return new Uint8Array(await readFile(source));
  }
  if (source instanceof Response) {
    if (!source.ok) throw new Error(`${source.url} answered ${source.status}`);
    return new Uint8Array(await source.arrayBuffer());
  }
  return new Uint8Array(source instanceof Uint8Array ? source : source.bytes);
}
