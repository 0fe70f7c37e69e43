/** Where a component comes from: its bytes, what holds them, or the place to get them (file: and what `fetch` knows). */
export type ComponentSource = Uint8Array | ArrayBuffer | Response | URL | { readonly bytes: Uint8Array };

/** @throws Error if the place does not answer with it */
export async function readSource(source: ComponentSource): Promise<Uint8Array<ArrayBuffer>> {
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (source instanceof URL) {
    if (source.protocol !== "file:") return readSource(await fetch(source));
    const { readFile } = await import("node:fs/promises");
    return new Uint8Array(await readFile(source));
  }
  if (source instanceof Response) {
    if (!source.ok) throw new Error(`${source.url} answered ${source.status}`);
    return new Uint8Array(await source.arrayBuffer());
  }
  const bytes = source instanceof Uint8Array ? source : source.bytes;
  // A guest's modules are compiled from views of it: memory shared with another thread could change meanwhile.
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
}
