/** Real programs from public packages, fetched when they are first measured. They stay in a folder that git ignores. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { run } from "../process.ts";
import { buildFolder } from "../tools.ts";

export interface Package {
  readonly registry: "npm" | "pypi";
  readonly name: string;
  readonly version: string;
}

/** How long a package may take to come, ms: they are up to 70 MB. */
const PATIENCE = 600_000;

/** Returns the folder with a package's files. Throws CommandFailed. */
export async function fetchPackage({ registry, name, version }: Package): Promise<string> {
  const folder = join(buildFolder, "packages", `${name.replace(/^@|\//g, "")}-${version}`);
  if (existsSync(folder)) return folder;
  const scratch = `${folder}.${process.pid}`;
  mkdirSync(scratch, { recursive: true });
  if (registry === "npm") {
    await run(["npm", "pack", "--silent", `--pack-destination=${scratch}`, `${name}@${version}`], PATIENCE);
    await run(["tar", "-xzf", archiveIn(scratch), "-C", scratch], PATIENCE);
  } else {
    const pip = ["python3", "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"];
    await run([...pip, `--dest=${scratch}`, `${name}==${version}`], PATIENCE);
    await run(["python3", "-m", "zipfile", "-e", archiveIn(scratch), scratch], PATIENCE);
  }
  rmSync(archiveIn(scratch));
  renameSync(scratch, folder);
  return folder;
}

function archiveIn(folder: string): string {
  const name = readdirSync(folder).find((each) => /\.(?:tgz|whl)$/.test(each));
  if (name === undefined) throw new Error(`no archive in ${folder}`);
  return join(folder, name);
}
