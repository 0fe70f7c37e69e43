/** release/install.sh, from a server on loopback with archives as a release has them. */
import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { writeRelease } from "../../build/archives.ts";
import { completion } from "../../src/cli/completion/completion.ts";
import { manPage } from "../../src/cli/man.ts";
import { version } from "../../src/cli/version.ts";
import { Guest, guestFile, hostsNamed } from "../e2e/host.ts";
import { ReleaseServer } from "./release-server.ts";
import { type Ended, ended, toolsIn, which } from "./shell.ts";
import { here, smallRelease } from "./small-release.ts";

const script = join(import.meta.dirname, "../../release/install.sh");
const [standalone] = hostsNamed("binary");

const scratch = mkdtempSync(join(tmpdir(), "pollux release "));
after(() => rmSync(scratch, { recursive: true }));
let folders = 0;
const newFolder = (): string => {
  folders += 1;
  const folder = join(scratch, `folder ${folders}`);
  mkdirSync(folder);
  return folder;
};

/** What the script needs, but for what downloads and what makes checksums. */
const basics = [
  "sh",
  "bash",
  "uname",
  "ldd",
  "tr",
  "mktemp",
  "mkdir",
  "rm",
  "mv",
  "sed",
  "tar",
  "gzip",
  "grep",
  "cut",
  "cat",
];

const small = smallRelease(newFolder());

interface Run {
  /** The release's files; absent: the small one. */
  readonly server?: ReleaseServer;
  readonly home?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly tools?: readonly string[];
  readonly scripts?: Readonly<Record<string, string>>;
  readonly shell?: string;
}

/** Runs the script as `curl ... | sh` does: on standard input. */
async function install({
  server,
  home = newFolder(),
  env = {},
  args = [],
  tools,
  scripts,
  shell = "sh",
}: Run): Promise<Ended> {
  const path = toolsIn(newFolder(), [...basics, ...(tools ?? ["curl", "sha256sum"])], scripts);
  const given = { HOME: home, PATH: path, ...(server && { POLLUX_RELEASES: server.url }), ...env };
  const input = readFileSync(script, "utf8");
  return await ended([which(shell)!, "-s", "--", ...args], { cwd: newFolder(), env: given, input });
}

const share = {
  "man/man1/pollux.1": manPage(),
  "bash-completion/completions/pollux": completion("bash"),
  "fish/vendor_completions.d/pollux.fish": completion("fish"),
  "zsh/site-functions/_pollux": completion("zsh"),
};

describe("install.sh, of a release of dist/pollux", { skip: standalone!.skip }, () => {
  const release = newFolder();
  const home = newFolder();
  const program = join(home, ".local/bin/pollux");
  before(() => writeRelease(release, [{ platform: here, binary: standalone!.command[0]! }]));

  it("installs into ~/.local: a program that runs, its man page, its completions; a link to the latest release leads there", async () => {
    await using server = await ReleaseServer.start(release);
    const { status, stdout, stderr } = await install({ server, home });
    assert.deepEqual([stderr, status], ["", 0]);
    assert.equal(stdout.split("\n")[0], `pollux ${version} is in ${program}`);
    const run = await ended([program, "run", guestFile("hello")], { env: { HOME: home } });
    assert.deepEqual(run, { status: 0, stdout: "hello, world\n", stderr: "" });
    for (const [path, text] of Object.entries(share)) {
      assert.equal(readFileSync(join(home, ".local/share", path), "utf8"), text, path);
    }
    assert.deepEqual(readdirSync(join(home, ".local")).sort(), ["bin", "share"]);
    assert.deepEqual(
      server.requests.filter((path) => path.includes("/latest/")),
      [`/releases/latest/download/SHA256SUMS`, `/releases/latest/download/pollux-${here}.tar.gz`],
    );
  });

  it("installs over one that runs, which goes on", async () => {
    await using server = await ReleaseServer.start(release);
    const before = statSync(program).ino;
    await using guest = new Guest([program, "run", guestFile("cat")], {});
    guest.send("before\n");
    await guest.waitFor(/^before$/m);
    const { status, stderr } = await install({ server, home, args: ["--version", version] });
    assert.deepEqual([stderr, status], ["", 0]);
    assert.notEqual(statSync(program).ino, before);
    guest.input("after\n");
    assert.equal((await guest.outcome()).stdout.toString(), "before\nafter\n");
    const run = await ended([program, "--version"], { env: {} });
    assert.equal(run.stdout, `pollux ${version}\n`);
  });

  it("--uninstall takes away what it installed, and nothing else", async () => {
    writeFileSync(join(home, ".local/bin/another"), "");
    const { status, stdout, stderr } = await install({ home, args: ["--uninstall"] });
    assert.deepEqual([stderr, status], ["", 0]);
    const removed = [program, ...Object.keys(share).map((path) => join(home, ".local/share", path))];
    assert.deepEqual(stdout.split("\n").filter(Boolean).sort(), removed.map((path) => `removed ${path}`).sort());
    assert.deepEqual(removed.filter(existsSync), []);
    assert.deepEqual(readdirSync(join(home, ".local/bin")), ["another"]);
    const again = await install({ home, args: ["--uninstall"] });
    assert.equal(again.status, 1);
    assert.match(again.stderr, /^install\.sh: there is no Pollux in .*\.local: /);
  });
});

describe("install.sh", () => {
  for (const [shell, tools] of [
    ["sh", ["curl", "sha256sum"]],
    ["bash", ["wget", "sha256sum"]],
    ["sh", ["wget", "shasum"]],
    ["sh", ["curl", "openssl"]],
  ] as const) {
    const missing = [shell, ...tools].filter((name) => which(name) === undefined);
    const skip = missing.length > 0 && `no ${missing.join(", ")} on this machine`;
    it(`needs no more than ${tools.join(" and ")}, in ${shell}`, { skip }, async () => {
      await using server = await ReleaseServer.start(small);
      const home = newFolder();
      const { status, stderr } = await install({ server, home, tools, shell });
      assert.deepEqual([stderr, status], ["", 0]);
      assert.ok(existsSync(join(home, ".local/bin/pollux")));
    });
  }

  it("takes the version that is asked for, written as its tag or not, and the folder that is named", async () => {
    for (const args of [["--version", `v${version}`], [`--version=${version}`]]) {
      await using server = await ReleaseServer.start(small);
      const folder = join(newFolder(), "deep/down");
      const { status, stdout, stderr } = await install({ server, args, env: { POLLUX_INSTALL: folder } });
      assert.deepEqual([stderr, status], ["", 0]);
      assert.match(stdout, new RegExp(`^pollux .* is in ${RegExp.escape(folder)}/bin/pollux\n`));
      assert.ok(server.requests.every((path) => path.startsWith(`/releases/download/v${version}/`)));
    }
  });

  it("does nothing when its end is missing", async () => {
    const whole = readFileSync(script, "utf8");
    const ends = [...whole.matchAll(/\n/g)].map(({ index }) => index).filter((end) => end < whole.lastIndexOf("main"));
    await using server = await ReleaseServer.start(small);
    const home = newFolder();
    const env = { HOME: home, PATH: process.env["PATH"]!, POLLUX_RELEASES: server.url };
    for (const end of ends.filter((_, i) => i % 5 === 0)) await ended(["sh"], { env, input: whole.slice(0, end) });
    assert.deepEqual([server.requests, readdirSync(home)], [[], []]);
  });

  describe("says how PATH is mended", () => {
    for (const [shell, line] of [
      ["/bin/bash", /^ {4}echo 'export PATH="(.*)\/bin:\$PATH"' >> ~\/\.bashrc$/m],
      ["/usr/bin/zsh", /^ {4}echo 'export PATH="(.*)\/bin:\$PATH"' >> ~\/\.zshrc$/m],
      ["/usr/bin/fish", /^ {4}fish_add_path (.*)\/bin$/m],
      ["/bin/ksh", /^ {4}echo 'export PATH="(.*)\/bin:\$PATH"' >> ~\/\.profile$/m],
    ] as const) {
      it(`of ${shell}`, async () => {
        await using server = await ReleaseServer.start(small);
        const folder = newFolder();
        const { stdout } = await install({ server, env: { SHELL: shell, POLLUX_INSTALL: folder } });
        assert.equal(line.exec(stdout)?.[1], folder, stdout);
      });
    }

    it("unless it is right, or finds another Pollux first", async () => {
      await using server = await ReleaseServer.start(small);
      const home = newFolder();
      const bin = join(home, ".local/bin");
      const other = toolsIn(newFolder(), basics.concat("curl", "sha256sum"), { pollux: "" });
      const found = await install({ server, home, env: { PATH: `${other}:${bin}` } });
      assert.equal(found.stdout.split("\n")[1], `another one comes before it on PATH: ${other}/pollux`);
      const right = await install({ server, home, env: { PATH: `${bin}:${other}` } });
      assert.equal(right.stdout, `pollux ${version} is in ${bin}/pollux\n`);
    });
  });

  /** What uname(1), ldd(1) and sysctl(8) say, and the machine that this is. */
  const machines: readonly (readonly [platform: string, scripts: Readonly<Record<string, string>>])[] = [
    ["linux-x64", { uname: uname("Linux", "x86_64"), ldd: "echo ldd '(GNU libc)' 2.41" }],
    ["linux-arm64", { uname: uname("Linux", "aarch64"), ldd: "echo ldd '(GNU libc)' 2.41" }],
    ["linux-x64-musl", { uname: uname("Linux", "x86_64"), ldd: "echo 'musl libc (x86_64)' >&2; exit 1" }],
    ["darwin-arm64", { uname: uname("Darwin", "arm64") }],
    ["darwin-arm64", { uname: uname("Darwin", "x86_64"), sysctl: "echo 1" }],
    ["darwin-x64", { uname: uname("Darwin", "x86_64"), sysctl: "exit 1" }],
    ["win32-x64", { uname: uname("MINGW64_NT-10.0-26100", "x86_64") }],
    ["freebsd-riscv64", { uname: uname("FreeBSD", "riscv64") }],
  ];
  for (const [platform, scripts] of machines) {
    it(`knows ${platform} by ${Object.values(scripts).at(-1)}`, async () => {
      await using server = await ReleaseServer.start(small, (path, response) => {
        if (!path.endsWith("/SHA256SUMS")) return false;
        response.end(`${"0".repeat(64)}  pollux-plan9-mips.tar.gz\n`);
        return true;
      });
      const missing = Object.keys(scripts);
      const tools = ["curl", "sha256sum"];
      const path = toolsIn(newFolder(), [...basics.filter((name) => !missing.includes(name)), ...tools], scripts);
      const { status, stderr } = await install({ server, env: { PATH: path } });
      assert.deepEqual(
        [stderr, status],
        [`install.sh: the release (latest) has nothing for ${platform}; it has: plan9-mips\n`, 1],
      );
    });
  }

  /** What goes wrong, and the one line that is said of it. */
  const failures: readonly (readonly [name: string, how: (home: string) => Promise<Ended>, said: RegExp])[] = [
    [
      "a checksum that is another",
      async (home) => {
        await using server = await ReleaseServer.start(small, (path, response) => {
          if (!path.endsWith(".tar.gz")) return false;
          response.end("something else");
          return true;
        });
        return await install({ server, home });
      },
      /^install\.sh: .*\.tar\.gz is not what SHA256SUMS says: its sha256 is [0-9a-f]{64}, not [0-9a-f]{64}; nothing was installed$/m,
    ],
    [
      "a version that is not there",
      async (home) => {
        await using server = await ReleaseServer.start(small);
        return await install({ server, home, args: ["--version", "99.0.0"] });
      },
      /^install\.sh: cannot download http.*\/releases\/download\/v99\.0\.0\/SHA256SUMS$/m,
    ],
    [
      "an archive that breaks off",
      async (home) => {
        await using server = await ReleaseServer.start(small, (path, response) => {
          if (!path.endsWith(".tar.gz")) return false;
          response.writeHead(200, { "content-length": 1_000_000 });
          response.write("the beginning", () => response.destroy());
          return true;
        });
        return await install({ server, home });
      },
      /^install\.sh: cannot download http.*\.tar\.gz$/m,
    ],
    [
      "no curl and no wget",
      (home) => install({ home, tools: ["sha256sum"] }),
      /^install\.sh: curl or wget is needed to download Pollux$/m,
    ],
    [
      "nothing that makes checksums",
      async (home) => {
        await using server = await ReleaseServer.start(small);
        return await install({ server, home, tools: ["curl"] });
      },
      /^install\.sh: sha256sum, shasum or openssl is needed to check the download$/m,
    ],
    [
      "a program that does not run here",
      async (home) => {
        const folder = smallRelease(newFolder(), "echo no such loader >&2; exit 1");
        await using server = await ReleaseServer.start(folder);
        return await install({ server, home });
      },
      /^install\.sh: the program for .* does not run here; nothing was installed: no such loader$/m,
    ],
    // Not a folder without permissions: the tests may run as root.
    [
      "a folder that cannot be made",
      (home) => install({ home, env: { POLLUX_INSTALL: "/proc/pollux" } }),
      /^install\.sh: cannot make \/proc\/pollux: POLLUX_INSTALL /m,
    ],
    [
      "a folder that cannot be written to",
      (home) => install({ home, env: { POLLUX_INSTALL: "/proc" } }),
      /^install\.sh: cannot write to \/proc: POLLUX_INSTALL /m,
    ],
    [
      "an unknown option",
      (home) => install({ home, args: ["--help"] }),
      /^install\.sh: unknown option --help: there are --version VERSION and --uninstall$/m,
    ],
    [
      "--version without one",
      (home) => install({ home, args: ["--version"] }),
      /^install\.sh: --version needs a version: --version 0\.1\.0$/m,
    ],
  ];
  for (const [name, how, said] of failures) {
    it(`ends with a sentence, and the installed program as it was: ${name}`, async () => {
      const home = newFolder();
      mkdirSync(join(home, ".local/bin"), { recursive: true });
      writeFileSync(join(home, ".local/bin/pollux"), "as it was");
      const { status, stdout, stderr } = await how(home);
      assert.deepEqual([stdout, status], ["", 1]);
      assert.match(stderr, said);
      assert.equal(readFileSync(join(home, ".local/bin/pollux"), "utf8"), "as it was");
      assert.deepEqual(readdirSync(join(home, ".local")), ["bin"]);
    });
  }
});

function uname(system: string, machine: string): string {
  return `case $1 in -s) echo ${system} ;; -m) echo ${machine} ;; esac`;
}
