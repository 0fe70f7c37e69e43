/** docs/api: it is what the sources say, and its examples print what they say. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { apiDocs } from "../../api-docs.ts";
import { runtime } from "../adapters/runtime.ts";

const root = join(import.meta.dirname, "../..");
const page = (path: string) => readFileSync(join(root, path), "utf8");

interface Example {
  readonly text: string;
  readonly names: string;
  /** The module that they are of. */
  readonly from: string;
  /** Of its file. */
  readonly name: string;
}

const examples: readonly Example[] = ["docs/api/pollux.md", "docs/api/runtimes.md"].flatMap((path) =>
  [...page(path).matchAll(/^```ts\n(import \{ ([^}]*) \} from "([^"]*)";\n.*?)^```/gms)].map(
    ([, text = "", names = "", from = ""], i) => ({
      text,
      names,
      from,
      name: `${path.length}-${i}.ts`,
    }),
  ),
);

describe("docs/api", { skip: runtime !== "node" && "once is enough" }, () => {
  it("is current: `node api-docs.ts` writes it", () => {
    for (const [path, text] of apiDocs()) assert.equal(page(path), text, path);
  });
});

describe("the examples of docs/api", () => {
  const folder = mkdtempSync(join(root, "tests/package/examples-"));
  after(() => rmSync(folder, { recursive: true }));
  const fileOf = (example: Example) => join(folder, example.name);

  before(() => {
    for (const example of examples) {
      const local = example.text.replaceAll(/ from "pollux(?:\/(\w+))?"/g, (_, runtime?: string) => {
        const module = runtime === undefined ? "src/index.ts" : `src/adapters/${runtime}.ts`;
        return ` from ${JSON.stringify(join(root, module))}`;
      });
      writeFileSync(fileOf(example), local);
    }
  });

  const here = examples.filter(({ from }) => from === "pollux" || from === `pollux/${runtime}`);

  it("are there", () => assert.equal(here.length, 10));

  it("are of the right types", { skip: runtime !== "node" && "once is enough" }, () => {
    const files = examples.map(fileOf);
    const config = join(folder, "tsconfig.json");
    writeFileSync(config, JSON.stringify({ extends: "../../../tsconfig.json", files, include: [] }));
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const { stdout } = spawnSync(process.execPath, [tsc, "-p", config, "--pretty", "false"], { encoding: "utf8" });
    assert.equal(stdout, "");
  });

  for (const example of here) {
    const { text, names, from } = example;
    it(`of ${names} of ${from}`, () => {
      const file = fileOf(example);
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
  }
});
