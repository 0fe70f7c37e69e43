/** What is made for a component is what it imports, of each version. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import { BlockingPoll } from "../../../src/core/wait/poll.ts";
import { createUnsupportedMachine } from "../../../src/machine/unsupported.ts";
import { loadPackages } from "../../../src/wasi/component/packages.ts";
import { binary } from "../../component/text.ts";
import { hostOf } from "../p3/host.ts";

/** Of what is made: the packages of sockets, files and all of 0.3, by their tracks. */
async function made(names: readonly string[], hasP3?: boolean): Promise<readonly string[]> {
  const imports = names.map((name) => `(import "${name}" (instance))`);
  const { type } = parseComponent(await binary(`(component ${imports.join(" ")})`));
  const machine = createUnsupportedMachine();
  const host = hostOf({ machine, poll: new BlockingPoll(machine) });
  const all = (await loadPackages(type, hasP3)).flatMap((make) => Object.keys(make(host)));
  const packages = new Set(all.map((name) => name.replace(/\/.*@(\d+\.\d+)\..*/, " $1")));
  return [...packages].filter((name) => / 0\.3$|:sockets|:filesystem/.test(name)).sort();
}

const basic = ["wasi:cli 0.3", "wasi:clocks 0.3", "wasi:random 0.3"];

describe("what is made for a component", () => {
  const cases: readonly (readonly [readonly string[], readonly string[], boolean?])[] = [
    [["wasi:cli/stdout@0.2.0"], []],
    [["wasi:cli/stdout@0.3.0"], basic],
    [["wasi:sockets/tcp@0.2.6"], ["wasi:sockets 0.2"]],
    [["wasi:sockets/tcp"], ["wasi:sockets 0.2"]],
    [["wasi:sockets/types@0.3.1"], [...basic, "wasi:sockets 0.3"]],
    [["wasi:sockets/types@0.3.1"], [], false],
    [
      ["wasi:sockets/tcp@0.2.0", "wasi:sockets/types@0.3.0"],
      [...basic, "wasi:sockets 0.2", "wasi:sockets 0.3"],
    ],
    [
      ["wasi:filesystem/types@0.2.9", "wasi:clocks/types@0.3.0"],
      [...basic, "wasi:filesystem 0.2"],
    ],
    [["wasi:filesystem/types@0.3.2"], [...basic, "wasi:filesystem 0.3"]],
    [["wasi:filesystem/preopens@0.3.0"], [], false],
    [["wasi:sockets/types@0.4.0", "wasix:sockets/types@0.3.0"], []],
  ];
  for (const [names, packages, hasP3] of cases)
    it(`that imports ${names.join(", ")}${hasP3 === false ? ", without 0.3" : ""}: ${packages.join(", ") || "nothing"}`, async () => {
      assert.deepEqual(await made(names, hasP3), [...packages].sort());
    });
});
