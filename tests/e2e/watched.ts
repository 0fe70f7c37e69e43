/** What tests of `--watch` share: files that guests replace one another in. */
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { type Guest, guestFile } from "./host.ts";

const scratch = mkdtempSync(join(tmpdir(), "pollux watch é "));
after(() => rmSync(scratch, { recursive: true }));
let folders = 0;

/** The file that a guest is watched in, in a folder of its own. */
export class Target {
  readonly folder = join(scratch, `${folders++}`);
  readonly path = join(this.folder, "app.wasm");

  constructor(guest?: string) {
    mkdirSync(this.folder);
    if (guest !== undefined) this.replace(guest);
  }

  /** Puts a guest in its place, as compilers do. */
  replace(guest: string): void {
    const made = join(this.folder, "app.wasm.new");
    copyFileSync(guestFile(guest), made);
    renameSync(made, this.path);
  }
}

/** `text` stands there `count` times in all so far. */
export function times(count: number, text: string): RegExp {
  return new RegExp(`(?:^${text}$[^]*?){${count}}`, "m");
}

/** Ends as the signal ends a process. */
export async function interrupted(guest: Guest, signal: NodeJS.Signals = "SIGINT"): Promise<void> {
  guest.kill(signal);
  const outcome = await guest.outcome();
  assert.deepEqual([outcome.status, outcome.signal], [null, signal]);
}
