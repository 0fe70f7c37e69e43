/**
 * What a release has beside the npm packages: an archive for each machine, the scripts that install from it, and SHA256SUMS. An
 * archive is laid out as a prefix is (bin, share), in a folder of its name. Needs GNU tar: releases are made on Linux.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { completion } from "../src/cli/completion/completion.ts";
import { manPage } from "../src/cli/man.ts";
import { LICENSES, licenses } from "./packages.ts";
import { root } from "./targets.ts";

export interface ReleasedBinary {
  /** As npm names it: `linux-x64`. */
  readonly platform: string;
  /** Its file. */
  readonly binary: string;
}

/** Makes the folder anew. `SOURCE_DATE_EPOCH` is the time of the archives' files, s since 1970; without it, now. */
export function writeRelease(folder: string, binaries: readonly ReleasedBinary[]): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const files = binaries.map((each) => writeArchive(folder, each));
  for (const script of ["install.sh", "install.ps1"]) {
    copyFileSync(join(root, "release", script), join(folder, script));
    files.push(script);
  }
  const sums = files.map((file) => `${sha256(join(folder, file))}  ${file}\n`);
  writeFileSync(join(folder, "SHA256SUMS"), sums.join(""));
}

/** Returns the archive's name. */
function writeArchive(folder: string, { platform, binary }: ReleasedBinary): string {
  const name = `pollux-${platform}`;
  const prefix = join(folder, name);
  const program = join(prefix, "bin", basename(binary));
  mkdirSync(dirname(program), { recursive: true });
  copyFileSync(binary, program);
  chmodSync(program, 0o755);
  const texts: Readonly<Record<string, string>> = {
    "share/man/man1/pollux.1": manPage(),
    "share/bash-completion/completions/pollux": completion("bash"),
    "share/fish/vendor_completions.d/pollux.fish": completion("fish"),
    "share/zsh/site-functions/_pollux": completion("zsh"),
    "share/doc/pollux/LICENSE": readFileSync(join(root, "LICENSE"), "utf8"),
    [`share/doc/pollux/${LICENSES}`]: licenses(),
  };
  for (const [path, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(prefix, path)), { recursive: true });
    writeFileSync(join(prefix, path), text);
  }
  const time = process.env["SOURCE_DATE_EPOCH"] ?? Math.floor(Date.now() / 1000);
  const same = ["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mode=u+rw,go=rX", `--mtime=@${time}`];
  const archive = `${name}.tar.gz`;
  const { status, stderr, error } = spawnSync("tar", ["-czf", archive, ...same, name], {
    cwd: folder,
    encoding: "utf8",
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`tar: ${stderr}`);
  rmSync(prefix, { recursive: true });
  return archive;
}

function sha256(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}
