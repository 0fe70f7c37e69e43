/** What ends a component that passes another what it may not (tests/component/abi/between.ts), on a real wasmtime. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { trapCases } from "../component/abi/between.ts";
import { handleCases } from "../component/abi/between-handles.ts";
import { binary } from "../component/text.ts";
import { Temporary } from "../core/files/tree.ts";

/**
 * Prints where wasmtime ends otherwise than the cases say.
 *
 * @returns Whether they agree
 */
export async function compareTraps([program = "", ...args]: readonly string[]): Promise<boolean> {
  using folder = new Temporary();
  const file = join(folder.path, "case.wasm");
  const cases = [...trapCases, ...handleCases];
  let differing = 0;
  for (const { what, text, said } of cases) {
    writeFileSync(file, await binary(text));
    const { status, stderr } = spawnSync(program, [...args, file], { encoding: "utf8" });
    const last = stderr
      .trimEnd()
      .split("\n")
      .at(-1)!
      .replace(/^ +\d: /, "");
    const expected = said === undefined ? [0, ""] : [said.startsWith("wasm trap: ") ? 134 : 1, said];
    if (status === expected[0] && last === expected[1]) continue;
    differing++;
    console.log(`DIFFER    between components, ${what}: ${expected.join(" ")}\n  wasmtime: ${status} ${last}`);
  }
  console.log(`between components: ${cases.length} cases, ${differing} differ`);
  return differing === 0;
}
