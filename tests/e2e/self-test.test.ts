/** `pollux self-test` on every host: all is well here, and what is not is told. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { describe, it } from "node:test";
import { type Host, hosts, hostsNamed, hostsWithoutFfi } from "./host.ts";

interface Report {
  readonly pollux: string;
  readonly runtime: string;
  readonly system: string;
  readonly sockets: Readonly<Record<"posix" | "evented" | "loopback" | "IPv6", string | true>>;
  readonly results: readonly {
    readonly subject: string;
    readonly net?: string;
    readonly outcome: string;
    readonly why?: string;
  }[];
  readonly failed: number;
}

/** @param before What it is run by */
function selfTest(host: Host, words: readonly string[] = [], before: readonly string[] = []) {
  const [program = "", ...args] = [...before, ...host.command, "self-test", ...words];
  return spawnSync(program, args, { encoding: "utf8", timeout: 240_000, env: { ...process.env, NO_COLOR: "1" } });
}

for (const host of hosts) {
  it(`the self-test passes on ${host.name}`, { skip: host.skip }, () => {
    const { status, stdout, stderr } = selfTest(host, ["--json"]);
    assert.equal(stderr, "");
    const report: Report = JSON.parse(stdout);
    assert.deepEqual(
      report.results.filter(({ outcome }) => outcome !== "ok"),
      [],
    );
    assert.deepEqual(
      [status, report.failed, report.sockets],
      [0, 0, { posix: true, evented: true, loopback: true, IPv6: true }],
    );
    assert.ok(report.results.length > 25);
  });
}

const [deno, node24] = hostsWithoutFfi;
describe("the self-test", () => {
  it("says what the machine has not", { skip: node24!.skip }, () => {
    const { status, stdout, stderr } = selfTest(node24!);
    assert.deepEqual([stderr, status], ["", 0], stdout);
    assert.match(
      stdout,
      /^pollux \S+ on Node 24\.\S+, Linux .*\nposix: no, .*\nevented: yes\nloopback: yes\nIPv6: yes\n\n/,
    );
    assert.match(stdout, /^- {7}TCP: bind \(posix\): not on this machine: /m);
    assert.match(stdout, /^ok {6}TCP: bind \(evented\): \d+ ms$/m);
    assert.match(stdout, /\n\n\d+ ok, 0 failed, \d+ not on this machine\n$/);
  });

  it("names the permission that it needs", { skip: deno!.skip }, () => {
    const { status, stderr } = selfTest(deno!);
    assert.deepEqual([stderr, status], ["Error: pollux self-test needs --allow-write of Deno (or -A)\n", 1]);
  });

  const [binary] = hostsNamed("binary");
  it("fails, and says why, where there are few descriptors", { skip: binary!.skip }, () => {
    const { status, stdout, stderr } = selfTest(binary!, [], ["sh", "-c", 'ulimit -n 30; exec "$0" "$@"']);
    assert.deepEqual([stderr, status], ["", 1]);
    assert.match(stdout, /^failed {2}files: ended with status 1; behaviour\/files\.c:\d+: .*; .*$/m);
    assert.match(stdout, /^ok {6}clocks: \d+ ms$/m);
    assert.match(stdout, /\n\n\d+ ok, [1-9]\d* failed, 0 not on this machine\n$/);
  });

  const alone = ["unshare", "-Urn"];
  const noNamespace = spawnSync("unshare", ["-Urn", "true"]).status === 0 ? false : "no user namespaces";
  it("leaves out what a machine without a network has not", { skip: binary!.skip || noNamespace }, () => {
    const { status, stdout, stderr } = selfTest(binary!, [], alone);
    assert.deepEqual([stderr, status], ["", 0]);
    assert.match(stdout, /^loopback: no, nobody can connect to 127\.0\.0\.1\nIPv6: no, nobody can connect to ::1\n/m);
    assert.match(stdout, /^- {7}TCP: bind \(posix\): not on this machine: nobody can connect to 127\.0\.0\.1$/m);
    assert.match(stdout, /^ok {6}clocks: \d+ ms$/m);
  });

  it("refuses words and options that it does not know", { skip: binary!.skip }, () => {
    for (const word of ["--frob", "app.wasm"]) {
      const { status, stderr } = selfTest(binary!, [word]);
      assert.match(stderr, new RegExp(`^error: unexpected argument '${word}' found\n`));
      assert.equal(status, 2);
    }
  });
});
