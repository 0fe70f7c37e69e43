/**
 * Hostile core modules: every function with each of its pointers out of bounds, at the memory's end and misaligned, and each of
 * its numbers all ones. What comes of it is what wasmtime 48.0.8 makes of it: an errno, or the guest's end.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { OpenFiles } from "../../../src/core/files/open-files.ts";
import { openPreopens } from "../../../src/core/files/preopens.ts";
import { Exit, Trap } from "../../../src/core/wait/errors.ts";
import { BlockingPoll } from "../../../src/core/wait/poll.ts";
import type { Machine } from "../../../src/machine/machine.ts";
import { READABLE } from "../../../src/machine/selector.ts";
import type { TcpHandle } from "../../../src/machine/sockets.ts";
import { functionNames } from "../../../src/wasi/p1/abi/signatures.ts";
import { openPreview1 } from "../../../src/wasi/p1/imports.ts";
import { blockingWaiter, close, connect, encode, listen, ok, sendAll, wait } from "../../backends/sockets.ts";
import { here } from "../../cli/here.ts";
import { run } from "../../e2e/host.ts";
import { createMachine } from "../../machine.ts";
import { type Call, forwarder, hostileCalls, OUT_OF_BOUNDS, socketCalls } from "./hostile.ts";
import { Instance } from "./instance.ts";

/** Run on wasmtime 48.0.8, in the order of `hostileCalls`. */
const outcomes: Readonly<Record<string, string>> = {
  args_get: "0 trap trap trap trap trap",
  args_sizes_get: "0 trap trap trap trap trap trap",
  environ_get: "0 0 0 0 0 0",
  environ_sizes_get: "0 trap trap trap trap trap trap",
  clock_res_get: "0 trap trap trap trap",
  clock_time_get: "0 trap 0 trap trap trap",
  fd_advise: "8 8 8 8 trap",
  fd_allocate: "8 8 8 8",
  fd_close: "0 8",
  fd_datasync: "8 8",
  fd_fdstat_get: "0 8 trap trap trap",
  fd_fdstat_set_flags: "8 8 trap",
  fd_fdstat_set_rights: "8 8 trap trap",
  fd_filestat_get: "0 8 trap trap trap",
  fd_filestat_set_size: "8 8 8",
  fd_filestat_set_times: "8 8 8 8 trap",
  fd_pread: "70 8 trap trap trap 70 48 70 70 70 70",
  fd_prestat_get: "0 8 trap trap trap",
  fd_prestat_dir_name: "0 8 trap trap 0",
  fd_pwrite: "70 8 trap trap trap 70 48 70 70 70 70",
  fd_read: "0 8 trap trap trap 0 48 trap trap trap",
  fd_readdir: "0 8 trap trap 0 0 trap trap trap",
  fd_renumber: "8 8 8",
  fd_seek: "70 8 70 trap 70 70 70",
  fd_sync: "8 8",
  fd_tell: "70 8 70 70 70",
  fd_write: "0 8 0 0 0 0 48 trap trap trap",
  path_create_directory: "44 8 trap 44 48",
  path_filestat_get: "44 8 trap trap trap 48 44 44 44",
  path_filestat_set_times: "0 8 trap trap trap 48 0 0 trap",
  path_link: "44 8 trap trap trap 48 8 trap trap 48",
  path_open: "44 8 trap trap trap 48 trap trap trap trap 44 44 44",
  path_readlink: "44 8 trap trap 48 44 44 44 44 44 44",
  path_remove_directory: "44 8 trap trap 48",
  path_rename: "44 8 trap trap 48 8 trap trap 48",
  path_symlink: "8 8 8 8 8 8 8 8",
  path_unlink_file: "44 8 trap trap trap",
  poll_oneoff: "0 trap trap trap trap trap trap 48 trap trap trap",
  proc_exit: "exit trap",
  proc_raise: "58 trap",
  sched_yield: "0",
  random_get: "0 trap trap trap",
  sock_accept: "57 8 trap 57 57 57",
  sock_recv: "57 8 57 57 57 57 57 trap 57 57 57 57 57 57",
  sock_send: "57 8 57 57 57 57 57 trap 57 57 57",
  sock_shutdown: "57 8 trap",
};

/** Where Pollux differs. */
const differences: Readonly<Record<string, { readonly outcome: string; readonly why: string }>> = {
  "fd_read: parameter 1 a vector that leads out of bounds": {
    outcome: "trap",
    why: "vectors are checked before anything is read, and not only if something was",
  },
  "fd_pread: parameter 1 a vector that leads out of bounds": { outcome: "trap", why: "the same" },
  "fd_pwrite: parameter 1 a vector that leads out of bounds": { outcome: "trap", why: "the same" },
  path_filestat_set_times: { outcome: "44", why: "a path without a file is ENOENT, also when no time is to change" },
  "path_filestat_set_times: parameter 4 all ones": { outcome: "44", why: "the same" },
  "path_filestat_set_times: parameter 5 all ones": { outcome: "44", why: "the same" },
  "path_unlink_file: parameter 2 all ones": { outcome: "48", why: "too long for a call, as for every other path" },
};

const machine = await createMachine();
const bytes = await forwarder();
const module = new WebAssembly.Module(bytes);
const folder = mkdtempSync(join(tmpdir(), "pollux-hostile-"));
after(() => rmSync(folder, { recursive: true }));

describe("wasip1 with hostile arguments", () => {
  for (const callee of functionNames) {
    const calls = hostileCalls().filter((call) => call.callee === callee);
    it(callee, () => {
      const expected = outcomes[callee]!.split(" ");
      assert.equal(expected.length, calls.length);
      for (const [i, call] of calls.entries())
        assert.equal(outcome(machine, call), differences[call.name]?.outcome ?? expected[i], call.name);
    });
  }

  it("wrong pointers to what sockets are read into and written from end the guest", async () => {
    const waiter = blockingWaiter(machine);
    const listener = await listen(waiter);
    const address = ok(listener.localAddress());
    const clients = [await connect(waiter, address), await connect(waiter, address)];
    await sendAll(waiter, clients[0]!, encode("x".repeat(1000)));
    await wait(waiter, listener.source, READABLE);
    const openFiles = new OpenFiles();
    const { modules, memory } = imports(machine, openFiles, [listener]);
    const { exports } = new WebAssembly.Instance(module, modules);
    memory.attach(exports["memory"] as WebAssembly.Memory);
    const call = ({ callee, args }: Pick<Call, "callee" | "args">) =>
      (exports[callee] as (...args: readonly (number | bigint)[]) => number)(...args);
    assert.equal(call({ callee: "sock_accept", args: [3, 0, 16] }), 0);
    const wrong = hostileCalls(socketCalls).filter(({ name }) => / (bounds|memory's end|misaligned)$/.test(name));
    assert.equal(wrong.length, 34);
    for (const each of wrong) assert.throws(() => call(each), { name: "Trap" }, each.name);
    assert.equal(call({ callee: "sock_accept", args: [3, 0, 16] }), 0);
    for (const fd of [3, 5, 6]) assert.equal(call({ callee: "fd_close", args: [fd] }), 0);
    for (const client of clients) close(waiter, client);
    openFiles.closeAll();
  });

  /** Each fits when it is cut to the bits of its type. */
  const wide: Readonly<Record<string, readonly (number | bigint)[]>> = {
    fd_advise: [0, 0n, 0n, 0x100],
    fd_fdstat_set_flags: [1, 0x10000],
    fd_filestat_set_times: [1, 0n, 0n, 0x10000],
    fd_seek: [1, 0n, 0x101, 8],
    path_open: [3, 0, 0, 0, 0x10000, 0n, 0n, 0, 8],
    proc_raise: [0x100],
    sock_accept: [3, 0x10004, 8],
    sock_recv: [0, 0, 0, 0x10000, 8, 12],
    sock_send: [1, 0, 0, 0x10000, 8],
    sock_shutdown: [1, 0x101],
  };
  for (const [callee, args] of Object.entries(wide)) {
    it(`${callee} with a number that is wider than its type`, () => {
      const guest = new Instance(machine, []);
      const message = "out of range integral type conversion attempted";
      assert.throws(() => guest.call(callee, ...args), { name: "Trap", message });
    });
  }

  it("where nothing lies, nothing need be", () => {
    symlinkSync("target", join(folder, "link"));
    const openFiles = new OpenFiles();
    const written: number[] = [];
    const guest = new Instance(machine, [], {
      stdin: { source: undefined, receive: (max) => max },
      stdout: { source: undefined, send: (bytes) => written.push(...bytes) },
      preopens: openPreopens(machine.files, openFiles, [{ host: folder, guest: "/" }]),
      openFiles,
    });
    const { view } = guest.memory;
    const vectors = 64;
    for (const [i, word] of [OUT_OF_BOUNDS, 0, guest.store("link"), 4].entries())
      view.setUint32(vectors + 4 * i, word, true);
    const calls: Readonly<Record<string, readonly (number | bigint)[]>> = {
      fd_write: [1, vectors, 2, 16],
      path_readlink: [3, guest.store("link"), 4, OUT_OF_BOUNDS, 0, 16],
      fd_read: [0, vectors, 2, 16],
      random_get: [OUT_OF_BOUNDS, 0],
    };
    for (const [callee, args] of Object.entries(calls)) assert.equal(guest.call(callee, ...args), 0, callee);
    assert.equal(new TextDecoder().decode(Uint8Array.from(written)), "link");
    openFiles.closeAll();
  });

  it("calls before the memory is known end the guest", () => {
    const { modules } = imports(machine, new OpenFiles());
    const { sched_yield, args_sizes_get } = modules["wasi_snapshot_preview1"]!;
    assert.equal((sched_yield as () => number)(), 0);
    assert.throws(() => (args_sizes_get as (a: number, b: number) => number)(0, 4), {
      name: "Trap",
      message: "missing required memory export",
    });
  });
});

// The standalone binary is a process: of each function one call, with its first pointer out of bounds.
for (const binary of here.filter(({ name }) => name === "binary")) {
  describe("wasip1 with pointers out of bounds on the binary", { skip: binary.skip }, () => {
    const file = join(folder, "forwarder.wasm");
    before(() => writeFileSync(file, bytes));

    const calls = hostileCalls().filter(({ name }) => name.endsWith("out of bounds"));
    for (const [i, { name, callee, args }] of calls.entries()) {
      if (calls[i - 1]?.callee === callee) continue;
      it(name, async () => {
        const flags = ["--dir", `${folder}::/`, "--invoke", callee];
        const { status, stderr } = await run(binary, file, {
          flags,
          args: args.map((arg) => String(typeof arg === "bigint" ? BigInt.asIntN(64, arg) : arg | 0)),
        });
        assert.doesNotMatch(stderr, /bug in Pollux/);
        assert.match(`${status} ${stderr}`, /^0 |^1 [\s\S]*Pointer out of bounds/);
      });
    }
  });
}

function imports(machine: Machine, openFiles: OpenFiles, listeners: readonly TcpHandle[] = []) {
  return openPreview1(machine, new BlockingPoll(machine), {
    args: ["hostile"],
    env: [],
    stdin: false,
    stdout: false,
    stderr: false,
    listeners,
    preopens: openPreopens(machine.files, openFiles, [{ host: folder, guest: "/" }]),
    openFiles,
    unstable: false,
  })();
}

function outcome(machine: Machine, { callee, args }: Call): string {
  const openFiles = new OpenFiles();
  try {
    const { modules, memory } = imports(machine, openFiles);
    const { exports } = new WebAssembly.Instance(module, modules);
    memory.attach(exports["memory"] as WebAssembly.Memory);
    return String((exports[callee] as (...args: readonly (number | bigint)[]) => number)(...args));
  } catch (error) {
    if (error instanceof Exit) return "exit";
    if (error instanceof Trap) return "trap";
    throw error;
  } finally {
    openFiles.closeAll();
  }
}
