/** What actionlint, ShellCheck, hadolint and a grammar of PowerShell say of what is released, and of how: nothing. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";

const root = join(import.meta.dirname, "../..");
const { status, stdout, stderr } = spawnSync("sh", [join(import.meta.dirname, "lint-tools.sh")], { encoding: "utf8" });
const skip = status !== 0 && `what checks them cannot be had: ${stderr}`;
const tools = stdout.trim();

/** What it prints, of files by their paths in the project. */
function said(program: string, args: readonly string[]): string {
  // Where actionlint finds ShellCheck, too.
  const env = { ...process.env, PATH: `${tools}${delimiter}${process.env["PATH"]}` };
  const result = spawnSync(join(tools, program), args, { cwd: root, env, encoding: "utf8" });
  if (result.error) throw result.error;
  return result.stdout + result.stderr;
}

/** Prints where a file is not of the language. */
const parse = `
import sys, tree_sitter, tree_sitter_powershell
language = tree_sitter.Language(tree_sitter_powershell.language())
tree = tree_sitter.Parser(language).parse(open(sys.argv[1], "rb").read())
def visit(node):
    if node.is_error or node.is_missing:
        print(f"{sys.argv[1]}:{node.start_point.row + 1}: {node.text.decode()}")
    for child in node.children:
        visit(child)
visit(tree.root_node)
`;

describe("linters", { skip }, () => {
  it("actionlint: the workflows, and the scripts in them", () => {
    const workflows = globSync(".github/workflows/*.yml", { cwd: root });
    assert.ok(workflows.length >= 2);
    assert.equal(said("actionlint", workflows), "");
  });

  it("ShellCheck: the scripts", () => {
    const scripts = globSync(["release/*.sh", "tests/release/*.sh", ".ci/run"], { cwd: root });
    assert.ok(scripts.includes("release/install.sh"));
    assert.equal(said("shellcheck", scripts), "");
  });

  it("hadolint: the Dockerfile", () => {
    assert.equal(said("hadolint", ["Dockerfile"]), "");
  });

  it("a grammar of PowerShell: install.ps1", () => {
    assert.equal(said("python", ["-c", parse, "release/install.ps1"]), "");
  });
});
