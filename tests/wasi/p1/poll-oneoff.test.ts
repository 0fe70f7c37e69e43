import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { READABLE } from "../../../src/machine/selector.ts";
import type { TcpHandle } from "../../../src/machine/sockets.ts";
import { clockid, eventtype, fdflags, subclockflags } from "../../../src/wasi/p1/abi/constants.ts";
import { errno } from "../../../src/wasi/p1/abi/errno.ts";
import { blockingWaiter, close, connect, listen, ok, sendAll, wait } from "../../backends/sockets.ts";
import { createMachine } from "../../machine.ts";
import { type Event, Instance, SUBSCRIPTIONS, type Subscription } from "./instance.ts";

const machine = await createMachine();
const waiter = blockingWaiter(machine);

const MS = 10n ** 6n;
/** Longer than anything here takes, ns: an hour. */
const LONG = 3_600_000n * MS;
/** How long the guests have been running, ns: for longer than `LONG`. */
const AGE = 1e13;
/** More than an i32 holds, and more than a double. */
const USERDATA = 0xfedc_ba98_7654_3210n;

const clock = (userdata: bigint, timeout: bigint, id: number = clockid.monotonic, flags = 0): Subscription => ({
  userdata,
  clock: id,
  timeout,
  flags,
});
const at = (userdata: bigint, time: bigint, id: number): Subscription =>
  clock(userdata, time, id, subclockflags.abstime);
const read = (userdata: bigint, fd: number): Subscription => ({ userdata, tag: eventtype.fdRead, fd });
const write = (userdata: bigint, fd: number): Subscription => ({ userdata, tag: eventtype.fdWrite, fd });

const event = (userdata: bigint, type: number, nbytes: bigint): Event => ({
  userdata,
  error: errno.ESUCCESS,
  type,
  nbytes,
  flags: 0,
});
const timed = (userdata: bigint): Event => event(userdata, eventtype.clock, 0n);
const writable = (userdata: bigint): Event => event(userdata, eventtype.fdWrite, 1n);

/** stdin at its end, stdout and stderr. Events or errnos are those of wasmtime 48.0.8, save where it does not look at clocks. */
const lists: readonly (readonly [string, readonly Subscription[], readonly Event[] | number])[] = [
  ["an empty list", [], errno.EINVAL],
  ["what is no descriptor", [read(1n, 77)], errno.EBADF],
  ["what is no descriptor, beside a clock", [clock(1n, 0n), write(2n, 77)], errno.EBADF],
  ["reading stdout", [read(1n, 1)], errno.EBADF],
  ["writing stdin", [write(1n, 0)], errno.EBADF],
  ["a tag that is none", [{ userdata: 1n, tag: 3, fd: 1 }], errno.EINVAL],
  ["the last tag that is none", [write(1n, 1), { userdata: 1n, tag: 255, fd: 1 }], errno.EINVAL],
  ["a clock that is none", [clock(1n, 1n, 9)], errno.EINVAL],
  ["flags that are none", [clock(1n, 1n, clockid.monotonic, 2)], errno.EINVAL],
  ["a clock of CPU time beside another", [clock(1n, 1n, clockid.processCputime), clock(2n, 1n)], errno.EINVAL],
  ["a clock of CPU time alone", [clock(1n, 1n, clockid.processCputime)], [event(1n, eventtype.clock, 1n)]],
  ["a point of the monotonic clock that has passed", [at(1n, 1n, clockid.monotonic)], [timed(1n)]],
  ["a point of the real-time clock that has passed", [at(1n, 1n, clockid.realtime)], [timed(1n)]],
  ["the longest wait beside a short one", [clock(1n, 2n ** 64n - 1n), clock(2n, 1000n)], [timed(2n)]],
  [
    "the last point in time beside a short wait",
    [at(1n, 2n ** 64n - 1n, clockid.realtime), clock(2n, 1n)],
    [timed(2n)],
  ],
  ["duplicates", [write(1n, 1), write(1n, 1), write(2n, 1)], [writable(1n), writable(1n), writable(2n)]],
  ["user data of 64 bits", [write(USERDATA, 1)], [writable(USERDATA)]],
  [
    "several kinds: in the order of the list",
    [clock(1n, LONG), write(9n, 2), clock(3n, 0n), read(0n, 0), write(2n, 1)],
    [writable(9n), timed(3n), event(0n, eventtype.fdRead, 1n), writable(2n)],
  ],
];

/** A guest that has been running for a while. */
function start(...listeners: readonly TcpHandle[]): Instance {
  let age = 0;
  const guest = new Instance({ ...machine, now: () => machine.now() + age }, listeners);
  age = AGE;
  return guest;
}

/** A guest with a listener, descriptor 3, and a connection in which a byte waits, `fd`. */
async function accepted() {
  const listener = await listen(waiter);
  const server = start(listener);
  const clients: TcpHandle[] = [];
  const fds = [3];
  const accept = async (): Promise<number> => {
    const client = await connect(waiter, ok(listener.localAddress()));
    clients.push(client);
    await wait(waiter, listener.source, READABLE);
    const fd = server.result("sock_accept", 3, fdflags.nonblock);
    await sendAll(waiter, client, Uint8Array.of(120));
    fds.push(fd);
    return fd;
  };
  return {
    server,
    fd: await accept(),
    accept,
    close() {
      for (const fd of new Set(fds)) assert.equal(server.call("fd_close", fd), 0);
      for (const client of clients) close(waiter, client);
    },
  };
}

describe("poll_oneoff", () => {
  const guest = start();

  for (const [what, list, expected] of lists) {
    it(what, () => assert.deepEqual(guest.poll(list), expected));
  }

  it("may put its events where the list is", () => {
    const list = Array.from({ length: 5 }, (_, i) => write(BigInt(i), 1 + (i % 2)));
    assert.deepEqual(
      guest.poll(list, SUBSCRIPTIONS),
      list.map(({ userdata }) => writable(userdata)),
    );
  });

  for (const [name, id] of [
    ["monotonic", clockid.monotonic],
    ["real-time", clockid.realtime],
  ] as const) {
    it(`waits until a point of the ${name} clock`, () => {
      const due = guest.time(id) + 20n * MS;
      assert.deepEqual(guest.poll([at(1n, due, id), clock(2n, LONG)]), [timed(1n)]);
      assert.ok(guest.time(id) >= due);
    });

    it(`waits for a time of the ${name} clock`, () => {
      const due = guest.time(clockid.monotonic) + 20n * MS;
      assert.deepEqual(guest.poll([clock(1n, 20n * MS, id)]), [event(1n, eventtype.clock, 1n)]);
      assert.ok(guest.time(clockid.monotonic) >= due);
    });
  }

  const long = Array.from({ length: 1500 }, (_, i) => write(BigInt(i), 1 + (i % 2)));
  const all = long.map(({ userdata }) => writable(userdata));
  for (const [what, between, answer] of [
    ["a short one", [clock(1n, 0n)], [event(1n, eventtype.clock, 1n)]],
    ["one that is wrong", [write(1n, 2), read(2n, 77), ...long.slice(2)], errno.EBADF],
    ["a short one that is wrong", [read(1n, 77)], errno.EBADF],
  ] as const) {
    it(`a long list, ${what}, and the long one again`, () => {
      assert.deepEqual(guest.poll(long), all);
      assert.deepEqual(guest.poll(between), answer);
      assert.deepEqual(guest.poll(long), all);
    });
  }

  it("sockets and clocks: in the order of the list, and each as often as it is there", async () => {
    const { server, fd, close } = await accepted();
    assert.deepEqual(server.readable(fd), [fd]);
    const events = server.poll([
      write(1n, fd),
      read(2n, fd),
      clock(3n, 0n),
      read(4n, 3),
      read(5n, fd),
      clock(6n, LONG),
    ]);
    const readable = (userdata: bigint) => event(userdata, eventtype.fdRead, 1n);
    assert.deepEqual(events, [writable(1n), readable(2n), timed(3n), readable(5n)]);
    close();
  });

  it("a number that was closed and given out again, outside the list and back in it", async () => {
    const { server, fd: first, accept, close } = await accepted();
    const other = await accept();
    assert.deepEqual(server.readable(3, first), [first]);
    assert.equal(server.call("fd_close", first), 0);
    assert.equal(await accept(), first);
    assert.deepEqual(server.readable(other), [other]);
    assert.deepEqual(server.readable(3, first), [first]);
    close();
  });
});
