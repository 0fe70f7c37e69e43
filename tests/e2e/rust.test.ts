/** Rust programs as cargo makes them: the standard library's sockets and files, and tokio on mio. The guests assert inside. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { Temporary } from "../core/files/tree.ts";
import { eventedHosts, hosts, noFiles, run } from "./host.ts";
import { RustGuest } from "./rust.ts";

const flags = ["-Sinherit-network", "-Sallow-ip-name-lookup", "--env", "NAME=value"];
const std = new RustGuest("std");
const tokio = new RustGuest("tokio");

before(() => {
  for (const guest of [std, tokio]) if (guest.skip === false) guest.build();
});

for (const host of [...hosts, ...eventedHosts]) {
  describe(`Rust on ${host.name}`, { skip: host.skip }, () => {
    for (const topic of ["tcp", "udp", "lookup"]) {
      it(`std: ${topic}`, { skip: std.skip }, async () => {
        const { status, stderr } = await run(host, std.file, { flags, args: [topic] });
        assert.deepEqual([stderr, status], ["", 0]);
      });
    }

    it("std: hop-limit", { skip: std.skip }, async () => {
      const { status, stderr } = await run(host, std.file, { flags, args: ["hop-limit"] });
      if (host.evented) assert.deepEqual([stderr.includes("kind: Unsupported"), status], [true, 1]);
      else assert.deepEqual([stderr, status], ["", 0]);
    });

    it("std: files", { skip: std.skip || noFiles(host) }, async () => {
      using folder = new Temporary();
      const options = { flags: ["--dir", `${folder.path}::/d`], args: ["files"] };
      const { status, stderr } = await run(host, std.file, options);
      assert.deepEqual([stderr, status], ["", 0]);
    });

    // WASI 0.2 has no other failing status: cli/exit says ok or error.
    it("std: process, run by cargo", { skip: std.skip }, () => {
      const runner = [...host.command, "run", ...(host.flags ?? []), ...flags];
      const { status, stdout, stderr } = std.runWith(runner, ["process", "an argument", "é"], "input");
      assert.deepEqual([stdout, status], ["input", 1], stderr);
      assert.match(stderr, /^to stderr/);
    });

    it("tokio", { skip: tokio.skip }, async () => {
      const { status, stderr } = await run(host, tokio.file, { flags });
      assert.deepEqual([stderr, status], ["", 0]);
    });
  });
}
