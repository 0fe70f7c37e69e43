/** What descriptors answer, by kind: as wasmtime 48.0.8 where it has them. */
import assert from "node:assert/strict";
import { linkSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { OpenFiles } from "../../../src/core/files/open-files.ts";
import { openPreopens } from "../../../src/core/files/preopens.ts";
import { READABLE } from "../../../src/machine/selector.ts";
import { clockid, eventtype, fdflags, filetype, riflags, sdflags } from "../../../src/wasi/p1/abi/constants.ts";
import { errno } from "../../../src/wasi/p1/abi/errno.ts";
import { blockingWaiter, close, connect, listen, ok, sendAll, wait } from "../../backends/sockets.ts";
import { createMachine } from "../../machine.ts";
import { Instance, STRUCT } from "./instance.ts";

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
  const writeOnly = guest.open(3, "file", 0b100_0000n);
  const both = guest.open(3, "file", 0b100_0010n);

  const { EBADF, ESPIPE } = errno;
  const cases = [
    ["stdin", 0, { fd_read: 0, fd_pread: ESPIPE, fd_write: EBADF, fd_pwrite: EBADF }],
    ["stdout", 1, { fd_read: EBADF, fd_pread: EBADF, fd_write: 0, fd_pwrite: ESPIPE }],
    ["a directory", 3, { fd_read: EBADF, fd_pread: EBADF, fd_write: EBADF, fd_pwrite: EBADF }],
    ["a file for reading", readOnly, { fd_read: 0, fd_pread: 0, fd_write: EBADF, fd_pwrite: EBADF }],
    ["a file for writing", writeOnly, { fd_read: EBADF, fd_pread: EBADF, fd_write: 0, fd_pwrite: 0 }],
    ["a file for both", both, { fd_read: 0, fd_pread: 0, fd_write: 0, fd_pwrite: 0 }],
  ] as const;
  for (const [what, fd, answers] of cases) {
    for (const [name, answer] of Object.entries(answers)) {
      for (const vectors of [[], [0], [0, 0]])
        it(`${name} of ${what}, ${vectors.length} vectors`, () =>
          assert.equal(guest.transfer(name, fd, ...vectors).failure, answer));
    }
  }
});

it("stdin that fails says so once, and has then ended", () => {
  const failure = { errno: 21, message: "Is a directory", code: "is-directory" } as const;
  const answers = ["would-block", 1, failure, 1] as const;
  const given = answers.values();
  const guest = new Instance(machine, [], { stdin: { source: undefined, receive: () => given.next().value ?? 0 } });
  assert.equal(guest.call("fd_fdstat_set_flags", 0, fdflags.nonblock), 0);
  const read = () => guest.transfer("fd_read", 0, 1);
  assert.deepEqual([read().failure, read(), read().failure], [errno.EAGAIN, { failure: 0, count: 1 }, errno.EISDIR]);
  assert.deepEqual(read(), { failure: 0, count: 0 });
});

describe("filestat, as each version of wasip1 lays it out", () => {
  const folder = mkdtempSync(join(tmpdir(), "pollux-filestat-"));
  after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "file"), "bytes");
  linkSync(join(folder, "file"), join(folder, "link"));
  utimesSync(join(folder, "file"), 1000, 2000);

  /** From typenames.witx: offsets in bytes, and where the struct ends. */
  const layouts = {
    wasi_snapshot_preview1: { nlink: 24, size: 32, atim: 40, mtim: 48, end: 64 },
    wasi_unstable: { nlink: 20, size: 24, atim: 32, mtim: 40, end: 56 },
  } as const;
  for (const version of ["wasi_snapshot_preview1", "wasi_unstable"] as const) {
    it(version, () => {
      const openFiles = new OpenFiles();
      const preopens = openPreopens(machine.files, openFiles, [{ guest: "/", host: folder }]);
      const guest = new Instance(machine, [], { preopens, openFiles }, version);
      const fd = guest.open(3, "file", 0b10n);
      const { bytes, view } = guest.memory;
      const { nlink, size, atim, mtim, end } = layouts[version];
      const calls = [
        () => guest.call("fd_filestat_get", fd, STRUCT),
        () => guest.call("path_filestat_get", 3, 0, guest.store("link"), 4, STRUCT),
      ];
      for (const call of calls) {
        bytes.fill(0xaa, STRUCT, STRUCT + 80);
        assert.equal(call(), 0);
        assert.equal(view.getUint8(STRUCT + 16), filetype.regularFile);
        const links =
          version === "wasi_unstable" ? view.getUint32(STRUCT + nlink, true) : view.getBigUint64(STRUCT + nlink, true);
        assert.equal(Number(links), 2);
        assert.equal(view.getBigUint64(STRUCT + size, true), 5n);
        assert.equal(view.getBigUint64(STRUCT + atim, true), 1000n * 10n ** 9n);
        assert.equal(view.getBigUint64(STRUCT + mtim, true), 2000n * 10n ** 9n);
        assert.equal(view.getUint8(STRUCT + end), 0xaa, "it ends there");
        assert.notEqual(view.getUint8(STRUCT + end - 1), 0xaa, "not before");
      }
      assert.equal(guest.call("fd_close", fd), 0);
    });
  }
});

it("a listener that is moved onto a connection closes that, and goes on there", async () => {
  const { guest, client, listener, close: closeAll } = await connected();
  assert.equal(guest.call("fd_renumber", 3, 4), 0);
  await wait(waiter, client.source, READABLE);
  assert.equal(client.receive(1), 0);
  assert.equal(guest.call("fd_fdstat_get", 3, STRUCT), errno.EBADF);
  const next = await connect(waiter, ok(listener.localAddress()));
  assert.deepEqual(guest.readable(4), [4]);
  assert.equal(guest.result("sock_accept", 4, 0), 3);
  assert.deepEqual(guest.transfer("fd_write", 3, 2), { failure: 0, count: 2 });
  await wait(waiter, next.source, READABLE);
  assert.equal(next.receive(10), 2);
  assert.equal(guest.call("fd_close", 3), 0);
  close(waiter, next);
  closeAll();
});

/** A guest with a connection that does not wait, descriptor 4, its peer, and how often the machine was asked for bytes. */
async function connected() {
  const listener = await listen(waiter);
  const client = await connect(waiter, ok(listener.localAddress()));
  await wait(waiter, listener.source, READABLE);
  const server = ok(listener.accept());
  let receives = 0;
  let left = false;
  const receive = server.receive.bind(server);
  server.receive = (max) => {
    receives++;
    return receive(max);
  };
  const { accept } = listener;
  listener.accept = () => {
    listener.accept = accept;
    return server;
  };
  const guest = new Instance(machine, [listener]);
  assert.equal(guest.result("sock_accept", 3, fdflags.nonblock), 4);
  return {
    guest,
    client,
    listener,
    /** Sends, and waits until it can be read. */
    async arrive(text: string): Promise<void> {
      await sendAll(waiter, client, new TextEncoder().encode(text));
      await wait(waiter, server.source, READABLE);
    },
    /** The client leaves, and the guest's end is told. */
    async end(how: "close" | "reset"): Promise<void> {
      left = true;
      machine.selector.forget(client.source);
      client[how]();
      await wait(waiter, server.source, READABLE);
    },
    receives: () => receives,
    close() {
      for (const socket of left ? [server, listener] : [client, server, listener]) close(waiter, socket);
    },
  };
}

describe("a peek", () => {
  /** What lies there, up to eight bytes of it; or the errno. */
  function peek(guest: Instance): string | number {
    const { bytes, view } = guest.memory;
    for (const [i, word] of [512, 8].entries()) view.setUint32(64 + 4 * i, word, true);
    const failure = guest.call("sock_recv", 4, 64, 1, riflags.peek, 16, 20);
    return failure === 0 ? new TextDecoder().decode(bytes.slice(512, 512 + view.getUint32(16, true))) : failure;
  }

  it("sees what has come since the last one, before what is read", async () => {
    const { guest, arrive, close } = await connected();
    await arrive("abc");
    assert.equal(peek(guest), "abc");
    assert.deepEqual(guest.readable(4), [4]);
    assert.equal(peek(guest), "abc");
    await arrive("defghij");
    assert.deepEqual(guest.readable(4), [4]);
    assert.equal(peek(guest), "abcdefgh");
    assert.deepEqual(guest.transfer("fd_read", 4, 100), { failure: 0, count: 8 });
    assert.deepEqual(guest.transfer("fd_read", 4, 100), { failure: 0, count: 2 });
    assert.equal(peek(guest), errno.EAGAIN);
    close();
  });

  it("leaves the end, or a failure, for the read after what it saw", async () => {
    for (const [how, end] of [
      ["close", 0],
      ["reset", errno.ECONNRESET],
    ] as const) {
      const { guest, arrive, end: over, close } = await connected();
      await arrive("abc");
      assert.equal(peek(guest), "abc");
      await over(how);
      assert.deepEqual(guest.readable(4), [4]);
      assert.equal(peek(guest), "abc", how);
      assert.deepEqual(guest.transfer("fd_read", 4, 100), { failure: 0, count: 3 });
      assert.deepEqual(guest.readable(4), [4]);
      assert.equal(guest.transfer("fd_read", 4, 100).failure, end, how);
      assert.deepEqual(guest.transfer("fd_read", 4, 100), { failure: 0, count: 0 });
      close();
    }
  });
});

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
