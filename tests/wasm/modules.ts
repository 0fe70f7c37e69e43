/** The core modules of the committed guests: code that compilers wrote. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseComponent } from "../../src/component/binary/parse.ts";
import { coreModules } from "../../src/component/link/compiled.ts";

const guests = join(import.meta.dirname, "../guests");

export interface NamedModule {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Components of up to a megabyte. */
export function guestModules(): readonly NamedModule[] {
  return [guests, ...["behaviour", "http", "p1", "udp"].map((folder) => join(guests, folder))].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith(".wasm"))
      .flatMap((name) => modulesOf(name, new Uint8Array(readFileSync(join(folder, name))))),
  );
}

function modulesOf(name: string, bytes: Uint8Array<ArrayBuffer>): readonly NamedModule[] {
  if (bytes.length > 2 ** 20) return [];
  if (bytes[4] === 1 && bytes[6] === 0) return [{ name, bytes }];
  return [...coreModules(parseComponent(bytes))].map(({ offset, size }, i) => ({
    name: `${name} ${i}`,
    bytes: bytes.subarray(offset, offset + size),
  }));
}
