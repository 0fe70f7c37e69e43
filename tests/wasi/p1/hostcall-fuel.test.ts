/**
 * What a call may copy (-Shostcall-fuel): its vectors, with the first that is not empty, whichever way its bytes go, or its paths.
 * As on wasmtime 48.0.8, save for path_unlink_file and a poll for one relative clock alone, which cost nothing there.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { OpenFiles } from "../../../src/core/files/open-files.ts";
import { openPreopens } from "../../../src/core/files/preopens.ts";
import { READABLE } from "../../../src/machine/selector.ts";
import { errno } from "../../../src/wasi/p1/abi/errno.ts";
import { noOutput } from "../../../src/wasi/p1/descriptors/stdio.ts";
import { blockingWaiter, close, connect, encode, listen, ok, sendAll, wait } from "../../backends/sockets.ts";
import { createMachine } from "../../machine.ts";
import { Instance, STRUCT } from "./instance.ts";

const machine = await createMachine();
const folder = mkdtempSync(join(tmpdir(), "pollux-fuel-"));
after(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, "file"), "x".repeat(2000));

/** A guest that may copy so much, with the folder as descriptor 3. */
function guestWith(hostcallFuel: number): { guest: Instance; done: () => void } {
  const openFiles = new OpenFiles();
  const preopens = openPreopens(machine.files, openFiles, [{ guest: "/", host: folder }]);
  const guest = new Instance(machine, [], { preopens, openFiles, stdout: noOutput, limits: { hostcallFuel } });
  return { guest, done: () => openFiles.closeAll() };
}

const BOTH = 0b100_0010n;

/** Vectors, what they need at least, and what is moved with that. */
const vectors = [
  { lengths: [1000], least: 1008, moved: 1000 },
  { lengths: [500, 700], least: 516, moved: 500 },
  { lengths: [0, 700], least: 716, moved: 700 },
  { lengths: [0, 3, 900], least: 27, moved: 3 },
  { lengths: [3, 900, 1], least: 27, moved: 3 },
  { lengths: [0, 0], least: 16, moved: 0 },
] as const;

describe("vectors", () => {
  for (const { lengths, least, moved } of vectors) {
    for (const name of ["fd_read", "fd_pread", "fd_write", "fd_pwrite"] as const) {
      it(`${name} of ${lengths.join(", ")} needs ${least}`, () => {
        const { guest, done } = guestWith(least);
        assert.deepEqual(guest.transfer(name, guest.open(3, "file", BOTH), ...lengths), { failure: 0, count: moved });
        done();
        const less = guestWith(least - 1);
        const file = less.guest.open(3, "file", BOTH);
        assert.deepEqual(less.guest.transfer(name, file, ...lengths), { failure: errno.ENOMEM, count: 0 });
        // Before it is asked whether there is such a descriptor.
        assert.equal(less.guest.transfer(name, 77, ...lengths).failure, errno.ENOMEM);
        less.done();
      });
    }
  }

  it("as many of them as fit are moved", () => {
    const { guest, done } = guestWith(3 * 8 + 1200);
    const file = guest.open(3, "file", BOTH);
    for (const name of ["fd_read", "fd_pread", "fd_write", "fd_pwrite"])
      assert.deepEqual(guest.transfer(name, file, 500, 700, 1), { failure: 0, count: 1200 }, name);
    assert.deepEqual(guest.transfer("fd_write", 1, 500, 700, 1), { failure: 0, count: 1200 });
    assert.deepEqual(guest.transfer("fd_write", 1, 500, 701, 1), { failure: 0, count: 500 });
    done();
  });

  it("more than is gathered at once, too", () => {
    const { guest, done } = guestWith(4 * 8 + 100_000);
    assert.deepEqual(guest.transfer("fd_write", 1, 50_000, 50_000, 1, 1), { failure: 0, count: 100_000 });
    done();
  });
});

it("sockets", async () => {
  const waiter = blockingWaiter(machine);
  const listener = await listen(waiter);
  const client = await connect(waiter, ok(listener.localAddress()));
  const guest = new Instance(machine, [listener], { limits: { hostcallFuel: 1008 } });
  await wait(waiter, listener.source, READABLE);
  const fd = guest.result("sock_accept", 3, 0);
  await sendAll(waiter, client, encode("bytes"));
  for (const name of ["sock_send", "fd_write", "sock_recv", "fd_read"])
    assert.equal(guest.transfer(name, fd, 1001).failure, errno.ENOMEM, name);
  assert.deepEqual(guest.transfer("sock_send", fd, 1000), { failure: 0, count: 1000 });
  assert.deepEqual(guest.transfer("sock_recv", fd, 1000), { failure: 0, count: 5 });
  assert.equal(guest.call("fd_close", fd), 0);
  close(waiter, client);
  close(waiter, listener);
});

/** What needs so much for the path `file`, and for another of three bytes where there are two. */
const paths: Readonly<Record<string, { readonly least: number; call(guest: Instance, at: number): number }>> = {
  path_open: { least: 4, call: (guest, at) => guest.call("path_open", 3, 0, at, 4, 0, 2n, 0n, 0, STRUCT) },
  path_filestat_get: { least: 4, call: (guest, at) => guest.call("path_filestat_get", 3, 0, at, 4, STRUCT) },
  path_symlink: { least: 7, call: (guest, at) => guest.call("path_symlink", at, 4, 3, at, 3) },
  path_link: { least: 7, call: (guest, at) => guest.call("path_link", 3, 0, at, 4, 3, at, 3) },
  path_rename: { least: 7, call: (guest, at) => guest.call("path_rename", 3, at, 4, 3, at, 3) },
};

describe("paths", () => {
  for (const [name, { least, call }] of Object.entries(paths)) {
    it(`${name} needs ${least}`, () => {
      for (const fuel of [least - 1, least]) {
        const { guest, done } = guestWith(fuel);
        assert.equal(call(guest, guest.store("file")) === errno.ENOMEM, fuel < least);
        done();
      }
    });
  }
});
