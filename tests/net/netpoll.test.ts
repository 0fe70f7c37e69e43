import assert from "node:assert/strict";
import { it } from "node:test";
import { Condition, Waiter } from "../../src/core/wait/condition.ts";
import { NEVER } from "../../src/core/wait/deadline.ts";
import { READABLE, type Source, WRITABLE } from "../../src/machine/selector.ts";
import type { Netpoll, Pollable } from "../../src/net/netpoll.ts";
import { eachNet, libc } from "./nets.ts";

/** A call that waits, and remembers that it was woken. */
class Call implements Pollable {
  readonly waiter: Waiter<Pollable>;
  readonly timer: Waiter<Pollable> = new Waiter<Pollable>(Condition.timer(NEVER), this);
  parked = true;
  woken = 0;

  constructor(source: Source, interest: number) {
    this.waiter = new Waiter<Pollable>(Condition.source(source, interest), this);
  }

  wake(): void {
    this.woken++;
    this.parked = false;
  }
}

/** A socket that is WRITABLE once it has connected; its peer is in the backlog. */
function connecting({ machine }: Netpoll, port: number) {
  const socket = machine.net.createTcpSocket("ipv4");
  assert.ok(typeof socket !== "string");
  socket.connect({ tag: "ipv4", val: { port, address: [127, 0, 0, 1] } });
  return socket;
}

await eachNet(({ netpoll }) => {
  const now = () => netpoll.machine.now();

  /** Runs `body` with a call whose source is ready, or soon will be. */
  async function withReady(body: (call: Call) => Promise<void>): Promise<void> {
    await using listener = await libc.listen();
    const socket = connecting(netpoll, listener.localAddress.port);
    const call = new Call(socket.source, WRITABLE);
    try {
      await body(call);
    } finally {
      netpoll.forget(call);
      socket.close();
    }
  }

  it("pollIO without a deadline waits until something is ready", async () => {
    await withReady(async (call) => {
      netpoll.add(call);
      await netpoll.pollIO(NEVER);
      assert.equal(call.woken, 1);
    });
  });

  it("pollIO with a deadline in the future is not early", async () => {
    const start = now();
    await netpoll.pollIO(20e6);
    assert.ok(now() - start >= 20e6, `${now() - start} ns`);
  });

  it("pollIO with a deadline in the future answers what is ready before", async () => {
    await withReady(async (call) => {
      netpoll.add(call);
      const start = now();
      await netpoll.pollIO(3600e9);
      assert.equal(call.woken, 1);
      assert.ok(now() - start < 3600e9);
    });
  });

  it("pollIO with a deadline that has passed only looks", async () => {
    await using listener = await libc.listen();
    const silent = connecting(netpoll, listener.localAddress.port);
    const read = new Call(silent.source, READABLE);
    netpoll.add(read);
    await netpoll.pollIO(0);
    assert.equal(read.woken, 0);
    netpoll.forget(read);
    silent.close();
  });

  it("pollIO with nothing registered sleeps", async () => {
    let other = false;
    setTimeout(() => {
      other = true;
    }, 1);
    // A process that was held up for as long may hear of the wait before it hears of the timer, which the next one brings.
    for (let waits = 0; !other; waits++) {
      assert.ok(waits < 100, "the event loop does not go on");
      const start = now();
      await netpoll.pollIO(30e6);
      assert.ok(now() - start >= 30e6);
    }
  });

  it("a registration reaches the wait that is under way", async () => {
    await withReady(async (call) => {
      const first = netpoll.pollIO(NEVER);
      netpoll.add(call);
      await first;
      while (call.woken === 0) await netpoll.pollIO(NEVER);
      assert.equal(call.woken, 1);
    });
  });

  it("interrupt ends a wait that has nothing to wait for", async () => {
    const wait = netpoll.pollIO(NEVER);
    netpoll.interrupt();
    await wait;
  });

  it("what fires while no call waits is taken out, and put back when one does", async () => {
    await withReady(async (call) => {
      netpoll.add(call);
      await netpoll.pollIO(NEVER);
      assert.equal(call.woken, 1);
      assert.notEqual(call.waiter.set, undefined);
      await netpoll.pollIO(0);
      assert.equal(call.waiter.set, undefined, "no longer in the set");
      const start = now();
      await netpoll.pollIO(10e6);
      assert.ok(now() - start >= 10e6, "the ready socket ends no wait");
      call.parked = true;
      netpoll.add(call);
      await netpoll.pollIO(NEVER);
      assert.equal(call.woken, 2);
    });
  });

  it("a deadline wakes its call, once, whether it was set before the wait or in it, put off or moved forward", async () => {
    await using listener = await libc.listen();
    const silent = connecting(netpoll, listener.localAddress.port);
    const read = new Call(silent.source, READABLE);
    const start = now();
    netpoll.retime(read.timer, start + 3600e9);
    netpoll.add(read);
    const wait = netpoll.pollIO(NEVER);
    netpoll.retime(read.timer, start + 7200e9);
    netpoll.retime(read.timer, start + 10e6);
    await wait;
    while (read.woken === 0) await netpoll.pollIO(NEVER);
    assert.ok(now() - start >= 10e6);
    await netpoll.pollIO(0);
    assert.equal(read.woken, 1);
    read.parked = true;
    const again = now();
    netpoll.retime(read.timer, again + 5e6);
    netpoll.retime(read.timer, again + 20e6);
    netpoll.add(read);
    while (read.woken === 1) await netpoll.pollIO(NEVER);
    assert.ok(now() - again >= 20e6, "put off: the earlier time ended nothing");
    netpoll.forget(read);
    silent.close();
  });

  it("done takes one of many out, and leaves the others", async () => {
    await withReady(async (a) => {
      await withReady(async (b) => {
        await withReady(async (c) => {
          for (const call of [a, b, c]) netpoll.add(call);
          netpoll.done(a);
          while (b.woken + c.woken < 2) await netpoll.pollIO(NEVER);
          assert.deepEqual([a.woken, b.woken, c.woken], [0, 1, 1]);
        });
      });
    });
  });
});
