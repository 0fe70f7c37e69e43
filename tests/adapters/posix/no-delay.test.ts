/** No socket of a guest's waits for its peer to acknowledge a first small write before it sends the second (tcp(7), TCP_NODELAY). */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createContext } from "../../../src/adapters/posix/libc/context.ts";
import type { Platform } from "../../../src/adapters/posix/libc/platform.ts";
import { adoptListener } from "../../../src/adapters/posix/net/adopt.ts";
import { createNetContext } from "../../../src/adapters/posix/net/net-context.ts";
import { getIntOption } from "../../../src/adapters/posix/net/socket.ts";
import { createTcpSocket } from "../../../src/adapters/posix/net/tcp.ts";
import { PollSelector } from "../../../src/adapters/posix/wait/poll.ts";
import { READABLE, WRITABLE } from "../../../src/machine/selector.ts";
import type { TcpHandle } from "../../../src/machine/sockets.ts";
import { runtime } from "../runtime.ts";

const adapter: { platform(): Platform } = await import(`../../../src/adapters/${runtime}.ts`);
const base = createContext(adapter.platform());
const selector = new PollSelector(base);
const context = await createNetContext(base, selector);
const { IPPROTO_TCP, TCP_NODELAY } = context.os.constants;

function noDelay({ source }: TcpHandle): boolean {
  const value = getIntOption(context, source.id, IPPROTO_TCP, TCP_NODELAY);
  assert.ok(typeof value === "number", String(value));
  return value !== 0;
}

function ok(handle: TcpHandle | string): TcpHandle {
  assert.ok(typeof handle !== "string", String(handle));
  return handle;
}

function wait(handle: TcpHandle, interest: number): void {
  selector.setInterest(handle.source, interest);
  selector.select(Number.POSITIVE_INFINITY);
  selector.setInterest(handle.source, 0);
}

describe("TCP_NODELAY", () => {
  for (const family of ["ipv4", "ipv6"] as const) {
    it(`is set on what dials and what is accepted, over ${family}`, () => {
      const address =
        family === "ipv4"
          ? { tag: family, val: { port: 0, address: [127, 0, 0, 1] } }
          : { tag: family, val: { port: 0, flowInfo: 0, address: [0, 0, 0, 0, 0, 0, 0, 1], scopeId: 0 } };
      const listener = ok(createTcpSocket(context, family));
      assert.equal(listener.bind(address), undefined);
      assert.equal(listener.listen(8), undefined);
      const client = ok(createTcpSocket(context, family));
      const at = listener.localAddress();
      assert.ok(typeof at !== "string");
      client.connect(at);
      wait(client, WRITABLE);
      wait(listener, READABLE);
      const accepted = ok(listener.accept());
      assert.deepEqual([listener, client, accepted].map(noDelay), [true, true, true]);
      for (const handle of [client, accepted, listener]) handle.close();
    });
  }

  it("is set on a listener that was handed in, for whatever it accepts", () => {
    const { os, sockets } = context;
    // As another program leaves one: it listens, and knows nothing of the option.
    const fd = sockets.socket(os.constants.AF_INET, os.constants.SOCK_STREAM);
    assert.equal(sockets.listen(fd, 8), 0);
    const listener = ok(adoptListener(context, fd));
    assert.equal(noDelay(listener), true);
    listener.close();
  });
});
