import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import { findOs } from "../../src/adapters/posix/libc/platform.ts";
import { UnsupportedRuntime } from "../../src/machine/unsupported-runtime.ts";
import { command, run } from "./programs.ts";
import { runtime } from "./runtime.ts";

describe("a process with a machine", () => {
  it("starts without a word on stderr but other warnings", async () => {
    const { stdout, stderr } = await run(command("start.ts"));
    assert.equal(new TextDecoder().decode(stdout), "number\n");
    assert.match(stderr, /another warning/);
    assert.doesNotMatch(stderr, /FFI/);
  });

  it("gives new-socket-limit when descriptors run out, and keeps its connections", async () => {
    const [file, ...args] = command("hoard.ts");
    const { stdout, stderr } = await run(["sh", "-c", 'ulimit -n 200; exec "$0" "$@"', file!, ...args]);
    assert.equal(stderr, "");
    assert.deepEqual(JSON.parse(new TextDecoder().decode(stdout)), {
      create: "new-socket-limit",
      accept: "new-socket-limit",
      send: 3,
      receive: 3,
      later: "accepted",
    });
  });

  for (const selector of ["epoll", "poll"]) {
    it(`goes on waiting in ${selector} after it was stopped and continued`, async () => {
      const { stdout, stderr } = await run(command("wait.ts", [selector, "300"]), {}, (child) => {
        child.stdout!.once("data", () => {
          process.kill(child.pid!, "SIGSTOP");
          process.kill(child.pid!, "SIGCONT");
        });
      });
      assert.deepEqual([new TextDecoder().decode(stdout), stderr], ["waiting\ndone\n", ""]);
    });

    for (const name of ["SIGINT", "SIGTERM"] as const) {
      it(`ends by ${name} while it waits in ${selector}`, async () => {
        const { signal, status } = await run(command("wait.ts", [selector, "15000"]), {}, (child) => {
          child.stdout!.once("data", () => child.kill(name));
        });
        assert.deepEqual([signal, status], [name, null]);
      });
    }
  }

  const missing = {
    node: { flags: ["--no-experimental-ffi"], says: /^UnsupportedRuntime: .*node:ffi.* 26\.1/ },
    deno: { flags: ["--allow-read", "--allow-env"], says: /^UnsupportedRuntime: .*--allow-ffi/ },
    bun: undefined,
  }[runtime];
  it("says what to use where there is no FFI", { skip: missing ? false : `${runtime} always has it` }, async () => {
    const { stdout } = await run(command("start.ts", [], missing!.flags));
    assert.match(new TextDecoder().decode(stdout), missing!.says);
  });

  it("says what to use on an OS without a table", () => {
    assert.throws(() => findOs("win32", "x64"), UnsupportedRuntime);
    assert.throws(() => findOs("linux", "ppc64"), { message: /no system call table for linux on ppc64/ });
  });
});
