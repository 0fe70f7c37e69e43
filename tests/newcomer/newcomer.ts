/**
 * Somebody who has just heard of Pollux: installs it, makes a project, works on it, deploys it. With a HOME of his own, the commands
 * that `pollux new` and the project's README tell him, and two terminals, of which a transcript is kept.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Language } from "../../src/cli/options/project-flags.ts";
import { Client, freePort } from "../e2e/client.ts";
import { Guest } from "../e2e/host.ts";
import { must } from "../package/command.ts";
import type { Install } from "./install.ts";
import { environment, installPackages, programs } from "./toolchains.ts";

/** One terminal's part, until the other one goes on. */
interface Scene {
  readonly terminal: "first" | "second";
  text: string;
}

/** How long a build may take on a machine that has other things to do, ms. */
const BUILD = 300_000;

/** How long a server may go on that another one has taken the place of, ms. */
const LATE = 10_000;

/** As templates and their READMEs have it. */
const PORT = "9999";
const NAME = "hello";

export class Newcomer implements Disposable {
  readonly #home = realpathSync(mkdtempSync(join(tmpdir(), "pollux-newcomer-")));
  readonly #env: Readonly<Record<string, string>>;
  readonly #scenes: Scene[] = [];
  readonly #lang: Language;
  readonly #install: Install;
  #port = 0;
  #folder = this.#home;

  constructor(lang: Language, install: Install) {
    this.#lang = lang;
    this.#install = install;
    const env = environment();
    const PATH = [join(this.#home, ".local/bin"), env["PATH"], ...programs].join(":");
    this.#env = {
      ...env,
      HOME: this.#home,
      XDG_CACHE_HOME: join(this.#home, ".cache"),
      PATH,
      ...install.settings(this.#home),
    };
  }

  /** What there is to see, as Markdown, for somebody with that port and his own times. */
  get transcript(): string {
    return this.#scenes
      .map(({ terminal, text }, i) => {
        const turn = i === 0 ? "" : terminal === "first" ? "Back in the first:\n\n" : "In a second terminal:\n\n";
        return `${turn}\`\`\`console\n${this.#plain(text).trimEnd()}\n\`\`\`\n`;
      })
      .join("\n");
  }

  /** All of it, with what is seen on the way asserted. */
  async play(): Promise<void> {
    for (const command of this.#install.commands) await this.#type(command);
    await this.#type("pollux --version");
    assert.match(await this.#type(`pollux new --lang ${this.#lang} ${NAME}`), /^made hello, in /);
    this.#folder = join(this.#home, NAME);
    this.#show("first", `$ cd ${NAME}\n`);
    await this.#ownPort();
    if (this.#lang === "js") {
      this.#show("first", "$ npm install\n");
      installPackages(this.#folder);
    }
    const { source, deploy } = this.#readme();
    const dev = new Terminal("pollux dev", this.#folder, this.#env);
    try {
      await this.#greets(dev, "welcome to", 1);
      await this.#type(`sed -i 's/welcome to/good morning from/' ${source}`, "second");
      await this.#greets(dev, "good morning from", 2);
    } finally {
      await dev.interrupt();
    }
    this.#show("first", "^C\n");
    for (const command of deploy.slice(0, -1)) await this.#type(command);
    const deployed = new Terminal(deploy.at(-1) ?? "", this.#folder, this.#env);
    try {
      await this.#greets(deployed, "good morning from", 1);
    } finally {
      await deployed.interrupt();
    }
  }

  [Symbol.dispose](): void {
    // Go's module cache has files that nobody may write.
    rmSync(this.#home, { recursive: true, force: true });
  }

  /** Runs the command to its end. Returns what it said. */
  async #type(command: string, terminal: Scene["terminal"] = "first"): Promise<string> {
    const stdout = await must(["sh", "-c", `exec 2>&1; ${command}`], { cwd: this.#folder, env: this.#env });
    this.#show(terminal, `$ ${command}\n${stdout}`);
    return stdout;
  }

  #show(terminal: Scene["terminal"], text: string): void {
    const last = this.#scenes.at(-1);
    if (last?.terminal === terminal) last.text += text;
    else this.#scenes.push({ terminal, text });
  }

  /**
   * A client says something, and gets it back. It stands for nc, or curl: not every machine has them.
   *
   * @param start How many times the program has started by then
   */
  async #greets(server: Terminal, greeting: string, start: number): Promise<void> {
    await server.until(new RegExp(`(?:^(?:listening|Serving) [^]*?){${start}}`, "m"));
    const [client, said] =
      this.#lang === "js" ? await this.#request(server, greeting) : await this.#echo(server, greeting);
    this.#show("first", server.seen());
    assert.equal(said.split("\n")[0], `${greeting} ${NAME}`);
    this.#show("second", `$ ${client}\n${said}`);
  }

  async #echo(server: Terminal, greeting: string): Promise<readonly [command: string, said: string]> {
    const client = await server.eventually(() => Client.dial(this.#port));
    const said = await client.read(`${greeting} ${NAME}\n`.length);
    await client.send("is anybody there?\n");
    const echoed = await client.read("is anybody there?\n".length);
    client.close();
    return [`nc 127.0.0.1 ${this.#port}`, `${said}is anybody there?\n${echoed}^C\n`];
  }

  /** The server before may still answer a request while the next one begins: one that answers so is made again. */
  async #request(server: Terminal, greeting: string): Promise<readonly [command: string, said: string]> {
    const url = `http://127.0.0.1:${this.#port}/`;
    for (const late = performance.now() + LATE; ; ) {
      const said = await server.eventually(async () => (await fetch(url)).text());
      if (said.startsWith(greeting) || performance.now() > late) return [`curl ${url}`, said];
    }
  }

  /** Several may be at it at once: each has a port of his own, where the files have another. */
  async #ownPort(): Promise<void> {
    this.#port = await freePort();
    const { stdout } = spawnSync("grep", ["-rlE", "9999|8080", this.#folder], { encoding: "utf8" });
    for (const file of stdout.trim().split("\n"))
      writeFileSync(file, readFileSync(file, "utf8").replaceAll(/\b(9999|8080)\b/g, String(this.#port)));
  }

  /** The file to edit and the commands to deploy, as the project's README has them. */
  #readme(): { readonly source: string; readonly deploy: readonly string[] } {
    const text = readFileSync(join(this.#folder, "README.md"), "utf8");
    const [, source = ""] = /edit `([^`]+)`/.exec(text) ?? [];
    const [, last = ""] = text.split("## Deploy it\n");
    return { source, deploy: [...last.matchAll(/^ {4}(.*)$/gm)].map(([, line = ""]) => line) };
  }

  #plain(text: string): string {
    return (
      text
        .replaceAll(this.#home, "~")
        .replaceAll(String(this.#port), this.#lang === "js" ? "8080" : PORT)
        .replaceAll(/\d+\.\d+ ?s\b/g, "1.0 s")
        .replaceAll(/\d+ ms\b/g, "30 ms")
        // npm's own.
        .replaceAll(/^(added \d+ packages in) .*$/gm, "$1 5s")
    );
  }
}

/** A terminal in which something runs until Ctrl-C. */
class Terminal {
  readonly #guest: Guest;
  readonly #command: string;
  #shown = 0;

  constructor(command: string, folder: string, env: Readonly<Record<string, string>>) {
    this.#command = command;
    this.#guest = new Guest(["sh", "-c", `cd "$0" && exec 2>&1 && exec ${command}`, folder], env);
  }

  /** What was printed since it was last asked for, with the command before the first of it. */
  seen(): string {
    const all = `$ ${this.#command}\n${this.#guest.stdout}`;
    const more = all.slice(this.#shown);
    this.#shown = all.length;
    return more;
  }

  async until(pattern: RegExp): Promise<void> {
    await this.#guest.waitFor(pattern, "stdout", BUILD);
  }

  /** Tries again while nobody listens yet, as long as it prints something new. */
  async eventually<T>(attempt: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (!isRefused(error)) throw error;
      }
      const before = this.#guest.stdout.length;
      await this.#guest.waitFor(new RegExp(`^[^]{${before + 1}}`));
    }
  }

  async interrupt(): Promise<void> {
    this.#guest.kill("SIGINT");
    await this.#guest.outcome();
  }
}

/** Of a connection, or of a request whose cause it is. */
function isRefused(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ("code" in error && error.code === "ECONNREFUSED") || isRefused(error.cause);
}
