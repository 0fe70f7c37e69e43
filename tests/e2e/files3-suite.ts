/** wasi:filesystem 0.3 from Rust: what the guest asserts inside, and what it leaves in its directory. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { plantEscapes, snapshot, Temporary } from "../core/files/tree.ts";
import { assertWell } from "./check.ts";
import { files3, runIn } from "./files3.ts";
import { type Host, run, start } from "./host.ts";

/** Topics that need nothing, and leave nothing. */
const topics = ["streams", "chunks", "directories", "lots", "paths", "metadata", "times", "both"] as const;

/**
 * @param isPollux wasmtime 48 takes an instant before 1970 for its distance from there, second and nanoseconds apart, and opens a
 * fifo as if nobody else were to run meanwhile
 */
export function files3Suite(hosts: readonly Host[], { isPollux = true } = {}): void {
  for (const host of hosts) {
    describe(`wasi:filesystem 0.3 from Rust on ${host.name}`, { skip: host.skip || files3.skip }, () => {
      for (const topic of topics) {
        it(topic, async () => {
          using given = new Temporary();
          assertWell(await runIn(host, given.path, [topic]));
          assert.deepEqual(readdirSync(given.path), []);
        });
      }

      it("escape: no way out by `..`, absolute paths or links", async () => {
        using base = new Temporary();
        const inside = plantEscapes(base.path);
        const before = snapshot(base.path);
        assertWell(await runIn(host, inside, ["escape"]));
        assert.deepEqual(snapshot(base.path), before);
      });

      it("names: one that is no UTF-8 ends what is read of its directory", async () => {
        using given = new Temporary();
        execFileSync("sh", ["-c", 'cd "$1" && : >a && : >"$(printf "\\377")" && : >z', "sh", given.path]);
        assertWell(await runIn(host, given.path, ["names"]));
      });

      for (const version of ["2", "3"]) {
        it(`list${version} of a directory that the host has filled`, async () => {
          using given = new Temporary();
          for (let i = 0; i < 3000; i++) writeFileSync(join(given.path, `entry ${i}`), "");
          const { status, stdout, stderr } = await runIn(host, given.path, [`list${version}`, "."]);
          assert.deepEqual([stderr, status], ["", 0]);
          assert.match(stdout.toString(), /^3000 entries in \d+ ns\n$/);
        });

        it(`write${version}, then read${version}, of what the host finds`, async () => {
          using given = new Temporary();
          const moves = async (topic: string) => {
            const { status, stdout, stderr } = await runIn(host, given.path, [topic, "file", "3000000", "70000"]);
            assert.deepEqual([stderr, status], ["", 0]);
            assert.match(stdout.toString(), /^3010000 bytes in \d+ ns\n$/);
          };
          await moves(`write${version}`);
          assert.ok(readFileSync(join(given.path, "file")).equals(Buffer.alloc(3_010_000, "x")));
          await moves(`read${version}`);
        });
      }

      if (isPollux) describeMore(host);
    });
  }
}

function describeMore(host: Host): void {
  it("old: times before 1970, of the host's and of the guest's", async () => {
    using given = new Temporary();
    execFileSync("touch", ["-d", "1969-12-31 23:59:58.25 UTC", join(given.path, "old")]);
    assertWell(await runIn(host, given.path, ["old"]));
    const told = execFileSync("date", ["-r", join(given.path, "older"), "+%s %N"], { encoding: "utf8" });
    assert.equal(told, "-3 750000000\n");
  });

  it("endless: what does not end holds up no timer, and ends with its guest", async () =>
    assertWell(await runIn(host, "/dev", ["endless"])));

  it("a copy that does not end is ended by -W timeout", async () => {
    const flags = ["--dir=/dev::/", "-Wtimeout=300ms"];
    const { status, stderr } = await run(host, files3.file, { flags, args: ["copy", "zero", "null"] });
    assert.match(stderr, /timed out after deadline has elapsed/);
    assert.equal(status, 134);
  });

  it("fifo: who opens it waits for its other end, and what goes through it is copied", async () => {
    using given = new Temporary();
    const fifo = join(given.path, "fifo");
    execFileSync("mkfifo", [fifo]);
    await using guest = start(host, files3.file, { flags: ["--dir", `${given.path}::/`], args: ["fifo"] });
    await guest.waitFor(/^waits\n/);
    const writer = await open(fifo, "w");
    for (const piece of ["one ", "x".repeat(200_000), " three"]) await writer.write(piece);
    await writer.close();
    assertWell(await guest.outcome(), "waits\n");
    assert.equal(readFileSync(join(given.path, "copy"), "utf8"), `one ${"x".repeat(200_000)} three`);
  });
}
