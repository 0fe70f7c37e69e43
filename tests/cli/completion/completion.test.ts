import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { completion } from "../../../src/cli/completion/completion.ts";
import { manPage } from "../../../src/cli/man.ts";
import { type Shell, shells } from "../../../src/cli/options/commands.ts";
import { inspectFlags } from "../../../src/cli/options/component-flags.ts";
import { runFlags, serveFlags } from "../../../src/cli/options/flags.ts";
import { groups } from "../../../src/cli/options/groups/groups.ts";

const scratch = mkdtempSync(join(tmpdir(), "pollux-completion-"));
after(() => rmSync(scratch, { recursive: true }));
writeFileSync(join(scratch, "my app.wasm"), "");
mkdirSync(join(scratch, "guest files"));

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
      for (const { long } of [...runFlags, ...serveFlags, ...inspectFlags])
        assert.match(text, new RegExp(`(?:--|-l )${long}\\b`));
      for (const { keys } of Object.values(groups)) {
        for (const name of Object.keys(keys)) assert.ok(text.includes(name), name);
      }
    });
  }

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
    [
      ["--net", ""],
      ["posix", "evented"],
    ],
    [["--net", "=", "ev"], ["evented"]],
    [["run", "--wait", "=", "s"], ["suspending"]],
    [
      ["--stats", "="],
      ["text", "json"],
    ],
    // The value of one that need not have any stands in the same word.
    [["--stats", "js"], []],
    [["--watch", "=", "keep"], ["keep-listeners"]],
    [["--trace", "=", "json,so"], ["json,sockets"]],
    [
      ["inspect", "--"],
      ["--json", "--help"],
    ],
    [["inspect", "--n"], []],
    [["inspect", "a.wasm", "--j"], ["--json"]],
    [["completion", "--n"], []],
    [["help", "ins"], ["inspect"]],
    [["serve", "--shut"], ["--shutdown-addr"]],
    [["serve", "-S", "inherit-ne"], ["inherit-network"]],
    // Its guest has no arguments: options may come after the file.
    [["serve", "a.wasm", "--ad"], ["--addr"]],
    [["serve", "--invo"], []],
    [["--shut"], []],
    // What follows the file is the guest's, and files are the shell's.
    [["a.wasm", "--ne"], []],
    [["run", "-S", "tcp", "a.wasm", "--ne"], []],
    [["--env", "=", "A=1", "a.wasm", "-"], []],
    [["--", "--ne"], []],
    // Where there are components, they are offered; else what files there are, by the shell.
    [["-S", "tcp", "my"], ["my app.wasm"]],
    [["my"], ["my app.wasm"]],
    [["inspect", "my"], ["my app.wasm"]],
    [["--config", "my"], []],
    [["no"], []],
    [["./no-such"], []],
    [["--allow-net", "li"], ["listen:"]],
    [["serve", "--deny-net", "=", "co"], ["connect:"]],
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
  ["pollux run --net=ev", ["--net=evented"]],
  ["pollux run --wait sus", ["suspending"]],
  ["pollux --stats=j", ["--stats=json"]],
  ["pollux --watch=k", ["--watch=keep-listeners"]],
  ["pollux --trace=json,so", ["--trace=json,sockets"]],
  ["pollux inspect --j", ["--json"]],
  ["pollux inspect --net", []],
  ["pollux run a.wasm --net", []],
  ["pollux run ./my", ["./my\\ app.wasm"]],
  ["pollux ./my", ["./my\\ app.wasm"]],
  ["pollux --allow-net lis", ["listen:"]],
  ["pollux inspect my", ["my\\ app.wasm"]],
  ["pollux --config=my", ["--config=my\\ app.wasm"]],
  ["pollux --dir gue", ["guest\\ files/"]],
];

describe("fish", { skip: lacks("fish") }, () => {
  for (const [line, expected] of lines) {
    it(`offers ${expected.join(" ")} after ${line}`, () => {
      const script = `${completion("fish")}\ncomplete -C'${line}'`;
      const { stdout, stderr } = spawnSync("fish", ["--no-config", "-c", script], { encoding: "utf8", cwd: scratch });
      assert.equal(stderr, "");
      const offered = stdout.split("\n").map((each) => each.split("\t")[0] ?? "");
      // fish quotes what it puts into the line, not what it lists.
      for (const word of expected) assert.ok(offered.includes(word.replaceAll("\\", "")), stdout);
      if (expected.length === 0) assert.ok(!offered.some((word) => word.startsWith("--")), stdout);
    });
  }
});

/** The lines that have one completion, or none. */
const single = lines.filter(([line, expected]) => expected.length < 2 && line !== "pollux ru");

/**
 * One shell in a pseudo-terminal, in which each line is typed, a tab, and a key that prints the line between << and >>. argv[1]
 * is what the shell reads first, the lines come after it.
 */
const zshDriver = `zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "autoload -Uz compinit; compinit -u -D; source $1"
zpty -w shell 'show() { print -r -- "<""<$BUFFER>"">" }; zle -N show; bindkey "^X" show; print LOAD""ED'
zpty -r shell out '*LOADED*'
for line in "\${@[2,-1]}"; do
  zpty -w -n shell $'\x15'"$line"$'\t\x18'
  zpty -r shell out '*<<*>>*'
  print -r -- "$out"
done
zpty -d shell`;

const bashDriver = `
import os, pty, signal, sys
signal.alarm(100)
pid, fd = pty.fork()
if pid == 0:
    os.environ.update(TERM="dumb", INPUTRC="/dev/null")
    os.execvp("bash", ["bash", "--noprofile", "--rcfile", sys.argv[1], "-i"])
def until(mark):
    shown = b""
    while mark not in shown:
        shown += os.read(fd, 65536)
    return shown.decode()
until(b"READY")
for line in sys.argv[2:]:
    os.write(fd, b"\\x15" + line.encode() + b"\\t\\x18")
    print(until(b">>"))
os.kill(pid, signal.SIGKILL)
`;
const bashReady = `PS1=READY
bind -x '"\\C-x": printf "<<%s>>" "$READLINE_LINE"'
`;

const noTerminal = spawnSync("python3", ["-c", "import pty"]).status === 0 ? false : "no python3 with pty";
const drivers: readonly (readonly [Shell, string | false, readonly string[], string])[] = [
  ["zsh", lacks("zsh"), ["zsh", "-fc", zshDriver, "zsh"], ""],
  ["bash", lacks("bash") || noTerminal, ["python3", "-c", bashDriver], bashReady],
];

for (const [shell, skip, [program = "", ...args], ready] of drivers) {
  describe(shell, { skip }, () => {
    let completed: readonly string[] = [];
    let shown = "";
    before(() => {
      const file = join(scratch, `typed.${shell}`);
      writeFileSync(file, completion(shell) + ready);
      const typed = single.map(([line]) => line);
      const options = { encoding: "utf8", cwd: scratch, timeout: 120_000 } as const;
      const { stdout, stderr } = spawnSync(program, [...args, file, ...typed], options);
      shown = stdout + stderr;
      completed = [...stdout.matchAll(/<<(.*)>>/g)].map(([, buffer = ""]) => buffer);
    });

    for (const [i, [line, [word]]] of single.entries()) {
      it(`completes ${line} to ${word ?? "nothing"}`, () => {
        const whole = word === undefined ? line : `${line.slice(0, line.lastIndexOf(" ") + 1)}${word}`;
        // What may have a value is followed by the sign for one, what may be followed by another word by a comma.
        assert.equal(completed[i]?.replace(/[= ,]+$/, ""), whole, shown);
      });
    }
  });
}

describe("the man page", () => {
  it("names every option and key", () => {
    const page = manPage().replaceAll("\\-", "-");
    for (const { long } of [...runFlags, ...inspectFlags]) assert.ok(page.includes(`--${long}`), long);
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
