/** What descriptors answer, by kind: as wasmtime 48.0.8 where it has them. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { READABLE } from "../../src/adapters/contract.ts";
import { OpenFiles } from "../../src/core/open-files.ts";
import { openPreopens } from "../../src/core/preopens.ts";
import { clockid, eventtype, fdflags, sdflags } from "../../src/preview1/constants.ts";
import { errno } from "../../src/preview1/errno.ts";
import { blockingWaiter, close, connect, listen, ok, sendAll, wait } from "../backends/sockets.ts";
import { createMachine } from "../machine.ts";
import { Instance } from "./instance.ts";

const machine = await createMachine();
const waiter = blockingWaiter(machine);

describe("empty reads and writes say what others would", () => {
  const folder = mkdtempSync(join(tmpdir(), "pollux-empty-"));
  after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "file"), "bytes");
  const openFiles = new OpenFiles();
  const preopens = openPreopens(machine.files, openFiles, [{ guest: "/", host: folder }]);
  const guest = new Instance(machine, [], { preopens, openFiles, stdout: true });
  const readOnly = guest.open(3, "file", 0b10n);
  const both = guest.open(3, "file", 0b100_0010n);

  const { EBADF, ESPIPE } = errno;
  const cases = [
    ["stdin", 0, { fd_read: 0, fd_pread: ESPIPE, fd_write: EBADF, fd_pwrite: EBADF }],
    ["stdout", 1, { fd_read: EBADF, fd_pread: EBADF, fd_write: 0, fd_pwrite: ESPIPE }],
    ["a directory", 3, { fd_read: EBADF, fd_pread: EBADF, fd_write: EBADF, fd_pwrite: EBADF }],
    ["a file for reading", readOnly, { fd_read: 0, fd_pread: 0, fd_write: EBADF, fd_pwrite: EBADF }],
    ["a file for both", both, { fd_read: 0, fd_pread: 0, fd_write: 0, fd_pwrite: 0 }],
  ] as const;
  for (const [what, fd, answers] of cases) {
    for (const [name, answer] of Object.entries(answers)) {
      it(`${name} of ${what}`, () => assert.equal(guest.transfer(name, fd, 0).failure, answer));
    }
  }
});

/** A guest with a connection that does not wait, descriptor 4, its peer, and how often the machine was asked for bytes. */
async function connected() {
  const listener = await listen(waiter);
  const client = await connect(waiter, ok(listener.localAddress()));
  await wait(waiter, listener.source, READABLE);
  const server = ok(listener.accept());
  let receives = 0;
  const receive = server.receive.bind(server);
  server.receive = (max) => {
    receives++;
    return receive(max);
  };
  listener.accept = () => server;
  const guest = new Instance(machine, [listener]);
  assert.equal(guest.result("sock_accept", 3, fdflags.nonblock), 4);
  return {
    guest,
    client,
    /** Sends, and waits until it can be read. */
    async arrive(text: string): Promise<void> {
      await sendAll(waiter, client, new TextEncoder().encode(text));
      await wait(waiter, server.source, READABLE);
    },
    receives: () => receives,
    close() {
      for (const socket of [client, server, listener]) close(waiter, socket);
    },
  };
}

describe("a read after one that got less than it asked for", () => {
  it("is EAGAIN without asking the machine, with writes to the same connection between", async () => {
    const { guest, arrive, receives, close } = await connected();
    await arrive("abc");
    assert.deepEqual(guest.transfer("fd_read", 4, 100), { failure: 0, count: 3 });
    assert.deepEqual(guest.transfer("fd_write", 4, 5), { failure: 0, count: 5 });
    assert.equal(guest.transfer("fd_read", 4, 100).failure, errno.EAGAIN);
    assert.equal(receives(), 1);
    assert.equal(guest.transfer("fd_read", 4, 100).failure, errno.EAGAIN);
    assert.equal(receives(), 2);
    close();
  });

  const between: Readonly<Record<string, (guest: Instance) => void>> = {
    "the time": (guest) => guest.time(clockid.monotonic),
    sched_yield: (guest) => guest.call("sched_yield"),
    "another descriptor": (guest) => guest.transfer("fd_write", 1, 1),
    "a close": (guest) => guest.call("fd_close", 3),
    "a poll": (guest) => guest.poll([{ userdata: 1n, tag: eventtype.fdWrite, fd: 4 }]),
    "another flag": (guest) => guest.call("fd_fdstat_set_flags", 4, 0),
  };
  for (const [what, call] of Object.entries(between)) {
    it(`finds what has come, after ${what}`, async () => {
      const { guest, arrive, close } = await connected();
      await arrive("abc");
      assert.deepEqual(guest.transfer("fd_read", 4, 100), { failure: 0, count: 3 });
      await arrive("more");
      call(guest);
      assert.deepEqual(guest.transfer("fd_read", 4, 100), { failure: 0, count: 4 });
      close();
    });
  }

  it("finds the end, after a shutdown", async () => {
    const { guest, arrive, close } = await connected();
    await arrive("abc");
    assert.deepEqual(guest.transfer("fd_read", 4, 100), { failure: 0, count: 3 });
    assert.equal(guest.call("sock_shutdown", 4, sdflags.rd), 0);
    assert.deepEqual(guest.transfer("fd_read", 4, 100), { failure: 0, count: 0 });
    close();
  });
});
