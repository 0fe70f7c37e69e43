/** Input that is no component, or one that cannot be linked: one clear error, status 1, nothing of Pollux's inside. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { assertError } from "./check.ts";
import { guestFile, hosts, run } from "./host.ts";

const hello = readFileSync(guestFile("hello"));

/** Ten cuts of hello, none at its start or its end. */
const cuts = Array.from({ length: 10 }, (_, i) => Math.floor((hello.length * (i + 1)) / 11));

/** A generator with a fixed seed: the same bytes each time, and no wasm or text among them. */
function noise(length: number): Uint8Array {
  let state = 88172645;
  return Uint8Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state | 0x80;
  });
}

/** (module (import "env" "foo" (func))) */
const importingCoreModule = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 4, 1, 0x60, 0, 0],
  ...[2, 11, 1, 3, 0x65, 0x6e, 0x76, 3, 0x66, 0x6f, 0x6f, 0, 0],
);

const files: Readonly<Record<string, { readonly bytes: Uint8Array; readonly message: string | RegExp }>> = {
  "empty.wasm": { bytes: new Uint8Array(), message: /empty\.wasm/ },
  "noise.wasm": { bytes: noise(4096), message: /noise\.wasm/ },
  "page.wasm": { bytes: Buffer.from("<!doctype html>\n<title>404</title>\n"), message: /page\.wasm/ },
  "core.wasm": { bytes: importingCoreModule, message: /unknown import: `env::foo` has not been defined/ },
  ...Object.fromEntries(
    cuts.map((length) => [
      `hello-${length}.wasm`,
      { bytes: hello.subarray(0, length), message: /offset|no exported instance named `wasi:cli\/run@0\.2\.12`/ },
    ]),
  ),
};

for (const host of hosts) {
  describe(`bad input on ${host.name}`, { skip: host.skip }, () => {
    let folder: string;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), "pollux-bad-input-"));
      for (const [name, { bytes }] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
    });
    after(() => rmSync(folder, { recursive: true }));

    for (const [name, { message }] of Object.entries(files)) {
      it(name, async () => {
        assertError(await run(host, join(folder, name)), 1, message);
      });
    }

    it("a file that is missing", async () => {
      const file = join(folder, "nope.wasm");
      const text = `Error: failed to open wasm module "${file}"\n\nCaused by:\n    No such file or directory (os error 2)\n\n`;
      assertError(await run(host, file), 1, text);
    });

    it("a folder", async () => {
      const text = `Error: failed to read file: ${folder}\n\nCaused by:\n    Is a directory (os error 21)\n\n`;
      assertError(await run(host, folder), 1, text);
    });

    it("an import that nobody provides", async () => {
      const file = guestFile("unknown-import");
      const text = [
        `Error: failed to run main module \`${file}\``,
        "",
        "Caused by:",
        "    0: component imports instance `acme:nowhere/thing@1.0.0`, but a matching implementation was not found in the linker",
        "    1: instance export `f` has the wrong type",
        "    2: function implementation is missing",
        "",
        "",
      ];
      assertError(await run(host, file), 1, text.join("\n"));
    });
  });
}
