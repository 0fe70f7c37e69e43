import { parseExternName } from "./names.ts";
import type { Reader } from "./reader.ts";
import type { Scope } from "./scope.ts";
import type { ExternType } from "./types.ts";

/** The name of an import or export with its attributes, which say nothing that instantiation needs. */
export function readExternName(reader: Reader): string {
  const offset = reader.pos;
  const form = reader.byte();
  if (form > 0x02) reader.fail(`invalid leading byte (0x${form.toString(16)}) for component name`, offset);
  const name = reader.name();
  if (form === 0x02) {
    reader.vec("attribute", () => {
      const at = reader.pos;
      if (reader.byte() > 0x02) reader.fail("invalid leading byte for a name's attribute", at);
      reader.name();
    });
  }
  return name;
}

/** Adds an import or export to its scope, with the rules for its name. */
export function addExtern(
  reader: Reader,
  scope: Scope,
  direction: "import" | "export",
  name: string,
  type: ExternType,
  offset: number,
): void {
  const names = direction === "import" ? scope.imports : scope.exports;
  if (parseExternName(name) === undefined) reader.fail(`\`${name}\` is not a valid extern name`, offset);
  if (names.has(name)) reader.fail(`${direction} name \`${name}\` conflicts with previous name \`${name}\``, offset);
  names.set(name, type);
}
