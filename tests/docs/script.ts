/**
 * Follows a page as its reader does, in a folder of its own. Blocks in their order, those under "You need" left out:
 *
 *     sh          commands, each of which succeeds; a `cd` holds for those that follow
 *     sh server   the same, but the last one goes on until the next such block, or the end
 *     text        what the block before it prints; `...` stands for anything
 *     text server what the server prints, then or later
 *     diff        a change of the file that was written last
 *     other       a file, whose name stands in backquotes in the paragraph before, which ends in a colon
 *
 * Ports 9999 and 8080 are others that are free.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { type Block, root } from "../../docs/site/pages.ts";
import { freePort } from "../e2e/client.ts";
import { Guest, hostsNamed } from "../e2e/host.ts";

/** A command that takes longer hangs, ms. */
const PATIENCE = 300_000;

/** What a reader has installed: npm's programs, and componentize-py where the guests of the tests have it. */
function installed(): readonly string[] {
  return [join(root, "node_modules/.bin"), ...globSync(join(root, "tests/guests/build/componentize-py-*/bin"))];
}

export class Reader implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "pollux-page-"));
  #cwd = this.#folder;
  readonly #env: NodeJS.ProcessEnv;
  readonly #ports: ReadonlyMap<string, string>;
  #file: string | undefined;
  #server: Guest | undefined;
  /** Characters of the server's output up to what was last waited for. */
  #seen = 0;
  /** What the last block printed; of a server, whatever it prints from then on. */
  #printed: string | Guest = "";

  private constructor(ports: ReadonlyMap<string, string>) {
    this.#ports = ports;
    const bin = join(this.#folder, ".bin");
    mkdirSync(bin);
    const [binary] = hostsNamed("binary");
    symlinkSync(binary!.command[0]!, join(bin, "pollux"));
    writeFileSync(join(bin, "nc"), `#!/bin/sh\nexec ${process.execPath} ${join(import.meta.dirname, "nc.ts")} "$@"\n`);
    chmodSync(join(bin, "nc"), 0o755);
    const path = [bin, ...installed(), process.env["PATH"]].join(delimiter);
    this.#env = { ...process.env, NO_COLOR: "1", PATH: path };
  }

  static async start(): Promise<Reader> {
    const ports = new Map<string, string>();
    for (const port of ["9999", "8080"]) ports.set(port, String(await freePort()));
    return new Reader(ports);
  }

  async follow(blocks: readonly Block[]): Promise<void> {
    for (const block of blocks) {
      if (block.section === "You need") continue;
      await this.#read(block).catch((error) => {
        throw new Error(`line ${block.line}: ${error.message}`, { cause: error });
      });
    }
  }

  async #read({ language, words, text, before }: Block): Promise<void> {
    const here = this.#onPorts(text);
    if (language === "text") await this.#expect(here, words.includes("server") ? this.#server! : this.#printed);
    else if (language === "diff") this.#change(here);
    else if (language !== "sh") this.#write(before, here);
    else if (words.includes("server")) await this.#serve(here);
    else this.#printed = this.run(here);
  }

  #onPorts(text: string): string {
    return text.replaceAll(/\b(?:9999|8080)\b/g, (port) => this.#ports.get(port)!);
  }

  #write(before: string, text: string): void {
    const [, name] = /`([^`]+)`[^`]*:$/.exec(before) ?? [];
    assert.ok(name !== undefined, "no name of a file before it");
    // A place of the system's is one of the folder's.
    this.#file = join(this.#cwd, name);
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(this.#file, text);
  }

  #change(diff: string): void {
    const lines = diff.trimEnd().split("\n");
    const side = (sign: string) =>
      lines
        .filter((line) => !line.startsWith(sign))
        .map((line) => `${line.slice(1)}\n`)
        .join("");
    const [old, changed] = [side("+"), side("-")];
    const text = readFileSync(this.#file!, "utf8");
    assert.equal(text.split(old).length, 2, `${old} stands not once in ${text}`);
    writeFileSync(this.#file!, text.replace(old, changed));
  }

  /** Runs commands, and returns what they print. */
  run(script: string): string {
    const where = join(this.#folder, ".cwd");
    const { status, stdout, stderr, error } = spawnSync("sh", ["-euc", `${script}\npwd >${where}\n`], {
      cwd: this.#cwd,
      env: this.#env,
      encoding: "utf8",
      timeout: PATIENCE,
    });
    if (error !== undefined) throw error;
    assert.equal(status, 0, `${script}${stdout}${stderr}`);
    this.#cwd = readFileSync(where, "utf8").trimEnd();
    return `${stdout}${stderr}`;
  }

  async #serve(script: string): Promise<void> {
    await this.#stop();
    const lines = script.trimEnd().split("\n");
    const last = lines.pop()!;
    if (lines.length > 0) this.run(lines.join("\n"));
    const env = Object.fromEntries(Object.entries(this.#env).map(([name, value]) => [name, value ?? ""]));
    this.#server = new Guest(["sh", "-c", `cd "$0"; exec ${last} 2>&1`, this.#cwd], env);
    this.#printed = this.#server;
    this.#seen = 0;
  }

  async #expect(text: string, printed: string | Guest): Promise<void> {
    for (const line of text.trimEnd().split("\n")) {
      const pattern = line.trim().split("...").map(RegExp.escape).join("[^\\n]*");
      if (typeof printed === "string") {
        assert.match(printed, new RegExp(pattern));
        continue;
      }
      // What it has printed since the last line that was waited for.
      const [all] = await printed.waitFor(new RegExp(`^[^]{${this.#seen}}[^]*?${pattern}`));
      this.#seen = all.length;
    }
  }

  async #stop(): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
    this.#server = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
    rmSync(this.#folder, { recursive: true });
  }
}
