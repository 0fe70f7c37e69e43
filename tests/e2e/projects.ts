/** What tests of `pollux new` and `pollux dev` share: folders of projects, and Pollux in them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after } from "node:test";
import { Guest, type Host } from "./host.ts";

const scratch = mkdtempSync(join(tmpdir(), "pollux project é "));
after(() => rmSync(scratch, { recursive: true }));
let folders = 0;

/** A folder of its own, with these files. */
export class Folder {
  readonly path = join(scratch, `${folders++}`);

  constructor(files: Readonly<Record<string, string>> = {}) {
    mkdirSync(this.path);
    for (const [file, text] of Object.entries(files)) this.write(file, text);
  }

  /** Returns the file's whole path. */
  write(file: string, text: string): string {
    const path = join(this.path, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** `pollux WORDS`, here. */
  pollux(host: Host, words: readonly string[], env: Readonly<Record<string, string>> = {}): Guest {
    return new Guest(["sh", "-c", 'cd "$0" && exec "$@"', this.path, ...host.command, ...words], env);
  }
}
