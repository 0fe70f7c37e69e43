/** A release whose program is a script that says its version: what is not about the binary is tested with it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { writeRelease } from "../../build/archives.ts";
import { version } from "../../src/cli/version.ts";

/** This machine, as npm names it. */
export const here = `${process.platform}-${process.arch}`;

/**
 * Makes the release, for this machine and for one more, in a folder within the one that is given. Returns it.
 *
 * @param body the script
 */
export function smallRelease(folder: string, body = `echo pollux ${version}`): string {
  const program = join(folder, "pollux");
  mkdirSync(folder, { recursive: true });
  writeFileSync(program, `#!/bin/sh\n${body}\n`);
  const release = join(folder, "release");
  writeRelease(
    release,
    [here, "plan9-mips"].map((platform) => ({ platform, binary: program })),
  );
  return release;
}
