import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { completion, type Shell, shells } from "../../src/cli/completion.ts";
import { manPage } from "../../src/cli/man.ts";
import { groups, runFlags } from "../../src/cli/options/flags.ts";
import { runProgram } from "../../src/cli/program.ts";

const scratch = mkdtempSync(join(tmpdir(), "pollux-completion-"));
after(() => rmSync(scratch, { recursive: true }));

function lacks(program: string): string | false {
  return spawnSync(program, ["--version"]).error !== undefined && `no ${program}`;
}

describe("completion", () => {
  const checks: Readonly<Record<Shell, readonly string[]>> = { bash: ["-n"], zsh: ["-n"], fish: ["--no-execute"] };
  for (const shell of shells) {
    it(`is ${shell}`, { skip: lacks(shell) }, () => {
      const file = join(scratch, shell);
      writeFileSync(file, completion(shell));
      const { status, stderr } = spawnSync(shell, [...checks[shell], file], { encoding: "utf8" });
      assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
    });

    it(`names every option and key for ${shell}`, () => {
      const text = completion(shell);
      for (const { long } of runFlags) assert.match(text, new RegExp(`(?:--|-l )${long}\\b`));
      for (const { keys } of Object.values(groups)) {
        for (const name of Object.keys(keys)) assert.ok(text.includes(name), name);
      }
    });
  }

  it("refuses a shell that it does not know, and none", () => {
    const line = { command: "completion", options: [], rest: ["tcsh"] };
    assert.throws(() => runProgram(line), /^UsageError: invalid value 'tcsh' for '<SHELL>'/);
    assert.throws(() => runProgram({ ...line, rest: [] }), /^UsageError: missing required args/);
  });

  /** The words before the cursor as bash parts them | what it offers, or some of it. */
  const offers: readonly (readonly [readonly string[], readonly string[]])[] = [
    [["ru"], ["run"]],
    [
      ["completion", ""],
      ["bash", "zsh", "fish"],
    ],
    [["run", "--arg"], ["--argv0"]],
    [["-S", "inherit-ne"], ["inherit-network"]],
    [["-Sinherit-ne"], ["-Sinherit-network"]],
    [["run", "-S", "tcp,cw"], ["tcp,cwd="]],
    [["-Stcp,ud"], ["-Stcp,udp"]],
    [["--wasi", "=", "allow-ip"], ["allow-ip-name-lookup"]],
    [["--wasi", "="], Object.keys(groups.wasi.keys).filter((name) => name === "tcp")],
    [
      ["-W", "max-mem"],
      ["max-memories=", "max-memory-size="],
    ],
    [["-S", "tcp", "no-such-fi"], []],
    [["./no-such"], []],
  ];
  for (const [words, expected] of offers) {
    it(`offers ${expected.join(" ") || "nothing"} after ${words.join(" ")}`, { skip: lacks("bash") }, () => {
      const line = ["pollux", ...words].map((word) => `'${word}'`).join(" ");
      // compopt speaks only to a completion that is under way.
      const script = `${completion("bash")}
        compopt() { :; }
        COMP_WORDS=(${line}) COMP_CWORD=${words.length}
        _pollux; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", script], { encoding: "utf8", cwd: scratch });
      assert.equal(stderr, "");
      const offered = stdout.split("\n").filter((word) => word !== "");
      for (const word of expected) assert.ok(offered.includes(word), stdout);
      if (expected.length === 0) assert.deepEqual(offered, []);
    });
  }
});

/** The line up to the cursor | what is offered after it, or some of it. */
const lines: readonly (readonly [string, readonly string[]])[] = [
  ["pollux ru", ["run"]],
  ["pollux run --argv", ["--argv0"]],
  ["pollux -S inherit-ne", ["inherit-network"]],
  ["pollux -Sinherit-ne", ["-Sinherit-network"]],
  ["pollux run -Stcp,inherit-ne", ["-Stcp,inherit-network"]],
  ["pollux --wasi=allow-ip", ["--wasi=allow-ip-name-lookup"]],
  ["pollux completion ", ["bash", "zsh", "fish"]],
];

describe("fish", { skip: lacks("fish") }, () => {
  for (const [line, expected] of lines) {
    it(`offers ${expected.join(" ")} after ${line}`, () => {
      const script = `${completion("fish")}\ncomplete -C'${line}'`;
      const { stdout, stderr } = spawnSync("fish", ["--no-config", "-c", script], { encoding: "utf8", cwd: scratch });
      assert.equal(stderr, "");
      const offered = stdout.split("\n").map((each) => each.split("\t")[0]);
      for (const word of expected) assert.ok(offered.includes(word), stdout);
    });
  }
});

/** A shell of its own in a pseudo-terminal, in which the line and a tab are typed, and then a key that prints the line. */
const TYPED = `zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "autoload -Uz compinit; compinit -u -D; source $1"
zpty -w shell 'show() { print -r -- "<""<$BUFFER>"">" }; zle -N show; bindkey "^X" show; print LOAD""ED'
zpty -r shell out '*LOADED*'
zpty -w -n shell "$2"$'\t\x18'
zpty -r shell out '*<<*>>*'
print -r -- "$out"
zpty -d shell`;

describe("zsh", { skip: lacks("zsh") }, () => {
  const single = lines.filter(([line, expected]) => expected.length === 1 && line !== "pollux ru");
  for (const [line, [word]] of single) {
    it(`completes ${line} to ${word}`, () => {
      const file = join(scratch, "_pollux");
      writeFileSync(file, completion("zsh"));
      const { stdout } = spawnSync("zsh", ["-fc", TYPED, "zsh", file, line], { encoding: "utf8", timeout: 60_000 });
      const [, buffer] = /<<(.*)>>/.exec(stdout) ?? [];
      // What may have a value is followed by the sign for one.
      const completed = buffer?.replace(/[= ]+$/, "");
      assert.equal(completed, `${line.slice(0, line.lastIndexOf(" ") + 1)}${word}`, stdout);
    });
  }
});

describe("the man page", () => {
  it("names every option and key", () => {
    const page = manPage().replaceAll("\\-", "-");
    for (const { long } of runFlags) assert.ok(page.includes(`--${long}`), long);
    for (const { keys } of Object.values(groups)) {
      for (const name of Object.keys(keys)) assert.match(page, new RegExp(`\\.B "${name}[=["]`));
    }
  });

  it("is troff without a complaint", { skip: lacks("groff") }, () => {
    const { stdout, stderr } = spawnSync("groff", ["-man", "-Tutf8", "-ww"], { input: manPage(), encoding: "utf8" });
    assert.equal(stderr, "");
    assert.match(stdout, /inherit-network/);
  });
});
