/** A registry that has what a release publishes: `pollux`, the package with this machine's binary, and stubs of the others. */
import { spawnSync } from "node:child_process";
import { chmodSync, createReadStream, createWriteStream, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { binaryManifest, writeBinaryPackage, writeMainPackage } from "../../build/packages.ts";
import { executable, here, targets } from "../../build/targets.ts";
import { environment, must } from "./command.ts";
import { Registry } from "./registry.ts";

/** The main package alone. @param scratch An empty folder. */
export async function publishMain(scratch: string): Promise<Registry> {
  const folder = join(scratch, "packages/pollux");
  writeMainPackage(folder);
  const registry = await Registry.open();
  const place = { cwd: scratch, env: environment(join(scratch, "home"), registry.url) };
  const packed = await must(["npm", "pack", "--silent", folder], place);
  registry.publish(folder, join(scratch, packed.trim()));
  return registry;
}

/** @param scratch An empty folder. */
export async function publishAll(scratch: string): Promise<Registry> {
  const registry = await publishMain(scratch);
  const packages = join(scratch, "packages");
  for (const platform of Object.keys(targets)) {
    const folder = join(packages, platform);
    if (platform === here) writeBinaryPackage(platform, folder);
    else writeStub(platform, folder);
    registry.publish(folder, await packFast(folder));
  }
  return registry;
}

/** What is published for another machine, with a script in the place of its binary. */
function writeStub(platform: string, folder: string): void {
  const file = join(folder, executable(platform));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify(binaryManifest(platform)));
  writeFileSync(file, `#!/bin/sh\necho the binary for ${platform}\n`);
  chmodSync(file, 0o755);
}

/** As `npm pack`, which takes many times as long for 100 MB: it compresses as well as it can. */
async function packFast(folder: string): Promise<string> {
  const stage = `${folder}-packed`;
  mkdirSync(stage);
  symlinkSync(folder, join(stage, "package"));
  const tar = join(stage, "package.tar");
  const { status, stderr, error } = spawnSync("tar", ["-chf", tar, "package"], { cwd: stage, encoding: "utf8" });
  if (error) throw error;
  if (status !== 0) throw new Error(`tar: ${stderr}`);
  await pipeline(createReadStream(tar), createGzip({ level: 1 }), createWriteStream(`${tar}.gz`));
  rmSync(tar);
  return `${tar}.gz`;
}

/** A project with `pollux` installed. @param args More words for `npm install`. */
export async function installInto(
  folder: string,
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
  await must(["npm", "install", ...args, "pollux"], { cwd: folder, env });
}
