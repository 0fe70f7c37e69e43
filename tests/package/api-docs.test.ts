/** docs/api: it is what the sources say, and its examples print what they say. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import { apiDocs } from "../../api-docs.ts";
import { runtime } from "../adapters/runtime.ts";

const root = join(import.meta.dirname, "../..");
const page = (path: string) => readFileSync(join(root, path), "utf8");

describe("docs/api", { skip: runtime !== "node" && "once is enough" }, () => {
  it("is current: `node api-docs.ts` writes it", () => {
    for (const [path, text] of apiDocs()) assert.equal(page(path), text, path);
  });
});

/** What an example imports, here. */
const modules: Readonly<Record<string, string>> = {
  pollux: "src/index.ts",
  [`pollux/${runtime}`]: `src/adapters/${runtime}.ts`,
};

describe("the examples of docs/api", () => {
  const folder = mkdtempSync(join(root, "tests/package/examples-"));
  after(() => rmSync(folder, { recursive: true }));
  const texts = ["docs/api/pollux.md", "docs/api/runtimes.md"].map(page).join("\n");
  const examples = [...texts.matchAll(/^```ts\n(import .*?)^```/gms)].map(([, text]) => text!);
  const here = examples.filter((text) => Object.keys(modules).some((name) => text.includes(` from "${name}";`)));

  it("are there", () => assert.equal(here.length, 10));

  here.forEach((text, i) => {
    const [, names = ""] = /^import \{ (.*) \} from/.exec(text) ?? [];
    it(`of ${names}`, () => {
      const local = text.replaceAll(
        / from "(pollux[^"]*)"/g,
        (_, name: string) => ` from ${JSON.stringify(join(root, modules[name]!))}`,
      );
      const file = join(folder, `${i}.ts`);
      writeFileSync(file, local);
      const args = runtime === "deno" ? ["run", "-A", "--no-check", file] : [file];
      const options = { cwd: join(root, "tests/guests"), encoding: "utf8" } as const;
      const { stdout, stderr, status } = spawnSync(process.execPath, args, options);
      assert.deepEqual([status, stderr], [0, ""]);
      const promised = [...text.matchAll(/console\.log\(.*\);? \/\/ (.*)$/gm)].map(([, line]) => line!);
      const lines = stdout.split("\n");
      assert.deepEqual(
        promised.filter((line) => lines.includes(line)),
        promised,
        stdout,
      );
    });
  });
});
