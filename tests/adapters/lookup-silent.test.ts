import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { command, run } from "./programs.ts";

/** A name server that does not answer, in namespaces of its own: what one guest's look-ups cost another guest. */

const folder = mkdtempSync(join(tmpdir(), "pollux-names-"));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, "resolv.conf");
writeFileSync(file, "nameserver 127.0.0.1\noptions timeout:30 attempts:1\n");

const namespaces = ["unshare", "--map-root-user", "--mount", "--net", "sh", "-c"] as const;
const prepare = `ip link set lo up && mount --bind ${file} /etc/resolv.conf`;
const skip = spawnSync(namespaces[0], [...namespaces.slice(1), prepare]).status === 0 ? false : "no namespaces here";

/** Its pipes' writing ends, and the resolver's own sockets: as many as the threads that one guest has, at most 7. */
const LEFT = 20;

describe("a guest that has dropped 200 look-ups that hang, and ended", { skip }, () => {
  for (const args of [["blocking"], ["suspending", "posix"], ["suspending", "evented"]]) {
    it(`holds up no other guest's, and no descriptors, on a machine that is ${args.join(", ")}`, async () => {
      const ended = await run([...namespaces, `${prepare} && exec "$@"`, "sh", ...command("silent-names.ts", args)]);
      assert.deepEqual([ended.stderr, ended.signal], ["", "SIGKILL"]);
      const { first, second, left } = JSON.parse(Buffer.from(ended.stdout).toString());
      assert.deepEqual([first, second], [true, true]);
      assert.ok(left < LEFT, `${left} descriptors`);
    });
  }
});
