/** What tests of `--watch` share: files that guests replace one another in. */
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { createServer } from "node:net";
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

/** A port that nobody has, below those that the kernel gives to clients: it stays free between two guests. */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer();
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const free = await new Promise<boolean>((resolve, reject) => {
      server.on("error", (error: NodeJS.ErrnoException) =>
        error.code === "EADDRINUSE" ? resolve(false) : reject(error),
      );
      server.listen(port, () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
}
