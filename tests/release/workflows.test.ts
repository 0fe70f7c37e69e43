/** The shell steps of the workflows and of the action, run here. */
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import { version } from "../../src/cli/version.ts";
import { ReleaseServer } from "./release-server.ts";
import { ended, toolsIn } from "./shell.ts";
import { smallRelease } from "./small-release.ts";
import { action, Runner, stepOf, workflow } from "./workflow.ts";

const root = join(import.meta.dirname, "../..");
const ci = workflow("ci").jobs;
const release = workflow("release").jobs;
const setup = action().runs.steps;

const scratch = mkdtempSync(join(tmpdir(), "pollux-workflows-"));
after(() => rmSync(scratch, { recursive: true }));
const newFolder = (): string => mkdtempSync(join(scratch, "folder-"));

/** Its `uses` steps are GitHub's caches: nothing was found in them. */
async function setUp(runner: Runner): Promise<void> {
  for (const step of setup) {
    if (step.run === undefined) continue;
    const { status, stderr } = await runner.run(step);
    assert.deepEqual([stderr, status], ["", 0], String(step.name));
  }
}

describe("the action", () => {
  const archives = smallRelease(newFolder());

  for (const asked of ["latest", version, `v${version}`]) {
    it(`puts ${asked} on PATH`, async () => {
      await using server = await ReleaseServer.start(archives);
      const env = { POLLUX_RELEASES: server.url, GITHUB_ACTION_PATH: root };
      const runner = new Runner(newFolder(), { "inputs.version": asked }, env);
      await setUp(runner);
      assert.equal(runner.output("version", "version"), version);
      const { stdout } = await runner.run({ run: "command -v pollux && pollux --version" });
      assert.equal(stdout, `${runner.path[0]}/pollux\npollux ${version}\n`);
    });
  }

  it("installs what the release workflow has built, before that is published", async () => {
    const folder = newFolder();
    cpSync(archives, join(folder, "release-files"), { recursive: true });
    const env = { VERSION: version, GITHUB_ACTION_PATH: root };
    const runner = new Runner(folder, { "inputs.version": version }, env);
    const laid = await runner.run(stepOf(release["try"]!.steps, "Lay it out as a server has it"));
    assert.deepEqual(laid, { status: 0, stdout: "", stderr: "" });
    await setUp(runner);
    assert.ok(existsSync(join(folder, `pollux-${version}`, "bin/pollux")));
  });

  it("ends where there is no release", async () => {
    await using server = await ReleaseServer.start(archives, (_, response) => {
      response.writeHead(404).end();
      return true;
    });
    const runner = new Runner(newFolder(), { "inputs.version": "latest" }, { POLLUX_RELEASES: server.url });
    const { status, stderr } = await runner.run(setup[0]!);
    assert.notEqual(status, 0);
    assert.match(stderr, /404/);
  });
});

describe("the release workflow", () => {
  const steps = release["build"]!.steps;

  it("releases a tag that is the version, and none that is another", async () => {
    const step = stepOf(steps, "version");
    const folder = newFolder();
    cpSync(join(root, "package.json"), join(folder, "package.json"));
    for (const [GITHUB_REF_TYPE, GITHUB_REF_NAME, status] of [
      ["tag", `v${version}`, 0],
      ["branch", "main", 0],
      ["tag", "v99.0.0", 1],
    ] as const) {
      const runner = new Runner(folder, {}, { GITHUB_REF_TYPE, GITHUB_REF_NAME });
      const result = await runner.run(step);
      assert.equal(result.status, status, GITHUB_REF_NAME);
      if (status === 0) assert.equal(runner.output("version", "version"), version);
      else assert.equal(result.stderr, `the tag v99.0.0 is not v${version}, the version in package.json\n`);
    }
  });

  it("packs the packages and publishes them: the machines' first, a prerelease as next, none twice", async () => {
    const folder = newFolder();
    const packages = { pollux: "pollux", "linux-x64": "@pollux/linux-x64", "darwin-arm64": "@pollux/darwin-arm64" };
    for (const [path, name] of Object.entries(packages)) {
      mkdirSync(join(folder, "dist/packages", path), { recursive: true });
      const manifest = JSON.stringify({ name, version: path === "darwin-arm64" ? "1.0.0-rc.1" : "1.0.0" });
      writeFileSync(join(folder, "dist/packages", path, "package.json"), manifest);
    }
    const packed = await new Runner(folder).run(stepOf(steps, "Pack the packages"));
    assert.equal(packed.status, 0, packed.stderr);
    const tarballs = ["pollux-1.0.0.tgz", "pollux-darwin-arm64-1.0.0-rc.1.tgz", "pollux-linux-x64-1.0.0.tgz"];
    assert.deepEqual(readdirSync(join(folder, "dist/tarballs")).sort(), tarballs);

    // npm itself would publish: what it is asked is written down, and of one package it says that it is there.
    const asked = join(folder, "asked");
    const npm = `case "$*" in "view @pollux/linux-x64@1.0.0 version") echo 1.0.0 ;; publish*) echo "$*" >>'${asked}' ;; *) exit 1 ;; esac`;
    const fake = toolsIn(join(folder, "bin"), [], { npm });
    mkdirSync(join(folder, "artifacts"));
    cpSync(join(folder, "dist/tarballs"), join(folder, "artifacts/tarballs"), { recursive: true });
    cpSync(join(root, "release"), join(folder, "release"), { recursive: true });
    const runner = new Runner(folder, {}, { PATH: [fake, process.env["PATH"]].join(delimiter) });
    const published = await runner.run(stepOf(release["publish"]!.steps, "npm"));
    assert.deepEqual(published, { status: 0, stdout: "@pollux/linux-x64@1.0.0 is published already\n", stderr: "" });
    assert.deepEqual(readFileSync(asked, "utf8").split("\n"), [
      "publish --provenance --access public --tag next ./pollux-darwin-arm64-1.0.0-rc.1.tgz",
      "publish --provenance --access public --tag latest ./pollux-1.0.0.tgz",
      "",
    ]);
  });
});

describe("the ci workflow", () => {
  const programs = ci["platforms"]!.steps.filter(({ run }) => run?.endsWith(" self-test"));
  for (const { name, run } of programs) {
    const built = existsSync(join(root, "dist/pollux")) && existsSync(join(root, "dist/npm"));
    it(`starts programs that are there: ${name}`, { skip: !built && "no dist: npm run build makes it" }, async () => {
      const env = { PATH: process.env["PATH"]!, HOME: scratch, NO_COLOR: "1", npm_config_loglevel: "error" };
      const words = run!.replace("self-test", "--version").split(" ");
      assert.deepEqual(await ended(words, { cwd: root, env }), {
        status: 0,
        stdout: `pollux ${version}\n`,
        stderr: "",
      });
    });
  }

  it("tries the binary and every runtime", () => {
    assert.deepEqual(
      programs.map(({ name }) => name),
      ["The binary", "Node", "Bun", "Deno"],
    );
  });
});
