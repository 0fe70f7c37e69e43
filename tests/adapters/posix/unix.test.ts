/** Listening sockets of AF_UNIX: their files, and what is adopted of them. */
import assert from "node:assert/strict";
import { existsSync, lstatSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { TcpHandle } from "../../../src/machine/sockets.ts";
import { createMachine } from "../../machine.ts";

const { net, selector } = await createMachine();
after(() => selector.close());

// Short, for a path has 103 bytes at most.
const scratch = mkdtempSync(join(tmpdir(), "pl-"));
after(() => rmSync(scratch, { recursive: true }));
let made = 0;
const somewhere = () => join(scratch, `é${made++}`);

function listen(path: string): TcpHandle {
  const handle = net.listenUnix?.(path, 16);
  assert.ok(typeof handle === "object" && "accept" in handle, JSON.stringify(handle));
  return handle;
}

describe("a unix socket", () => {
  it("has a file, which goes with it", () => {
    const path = somewhere();
    const handle = listen(path);
    assert.equal(handle.unixPath, path);
    assert.ok(lstatSync(path).isSocket());
    assert.equal(handle.accept(), "would-block");
    handle.close();
    assert.equal(existsSync(path), false);
  });

  it("whose file nobody listens on any more makes room", () => {
    const path = somewhere();
    const first = listen(path);
    renameSync(path, `${path}.kept`);
    first.close();
    renameSync(`${path}.kept`, path);
    listen(path).close();
    assert.equal(existsSync(path), false);
  });

  it("of somebody who listens does not, nor does what is no socket", () => {
    const path = somewhere();
    const first = listen(path);
    assert.equal(net.listenUnix?.(path, 16), "address-in-use");
    const link = somewhere();
    symlinkSync(path, link);
    assert.equal(net.listenUnix?.(link, 16), "address-in-use");
    const file = somewhere();
    writeFileSync(file, "mine");
    assert.equal(net.listenUnix?.(file, 16), "address-in-use");
    assert.equal(lstatSync(file).size, 4);
    first.close();
  });

  it("leaves a file that is another's by now", () => {
    const path = somewhere();
    const first = listen(path);
    rmSync(path);
    const second = listen(path);
    first.close();
    assert.ok(lstatSync(path).isSocket());
    second.close();
  });

  it("in a folder that is not there: what the system says", () => {
    const failure = net.listenUnix?.(join(somewhere(), "a"), 16);
    assert.deepEqual(failure, { errno: 2, message: "No such file or directory", code: "no-entry" });
  });

  it("is adopted with its path", () => {
    const path = somewhere();
    const handle = listen(path);
    const adopted = net.adoptListener(handle.source.id);
    assert.ok(typeof adopted === "object");
    assert.equal(adopted.unixPath, path);
    handle.close();
  });
});
