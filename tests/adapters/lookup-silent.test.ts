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

/** Begins a shell's command line: nobody answers for so many seconds. */
function prepared(seconds: number): string {
  const file = join(folder, `resolv-${seconds}.conf`);
  writeFileSync(file, `nameserver 127.0.0.1\noptions timeout:${seconds} attempts:1\n`);
  return `ip link set lo up && mount --bind ${file} /etc/resolv.conf`;
}

const namespaces = ["unshare", "--map-root-user", "--mount", "--net", "sh", "-c"] as const;
const skip =
  spawnSync(namespaces[0], [...namespaces.slice(1), prepared(30)]).status === 0 ? false : "no namespaces here";

/** A pipe, and the resolver's own socket, for each thread that one guest has, at most 7. */
const LEFT = 7 * 3;

interface Found {
  readonly first: boolean;
  readonly second: boolean;
  /** Descriptors. */
  readonly left: number;
}

async function silent(seconds: number, ...args: readonly string[]): Promise<Found> {
  const prepare = `${prepared(seconds)} && exec "$@"`;
  const ended = await run([...namespaces, prepare, "sh", ...command("silent-names.ts", args)]);
  assert.deepEqual([ended.stderr, ended.signal], ["", "SIGKILL"]);
  return JSON.parse(Buffer.from(ended.stdout).toString());
}

for (const args of [["blocking"], ["suspending", "posix"], ["suspending", "evented"]]) {
  describe(`look-ups that hang, on a machine that is ${args.join(", ")}`, { skip }, () => {
    it("200 that a guest has dropped hold up no other guest's when it has ended, and no descriptors", async () => {
      const { first, second, left } = await silent(30, "1", ...args);
      assert.deepEqual([first, second], [true, true]);
      assert.ok(left <= LEFT, `${left} descriptors`);
    });

    it("those of 40 guests that have ended hold every thread, and the next guest's begins when one is free", async () => {
      const { first, second } = await silent(1, "40", ...args);
      assert.deepEqual([first, second], [true, true]);
    });
  });
}
