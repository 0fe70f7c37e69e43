import assert from "node:assert/strict";
import { it } from "node:test";
import { ErrDeadlineExceeded, ErrNetClosing, NetError } from "../../src/net/errors.ts";
import { runtime } from "../adapters/runtime.ts";
import { eachNet, fullListener, type Net, serve } from "./nets.ts";
import { noneSince, openSockets, skip } from "./open-sockets.ts";

await eachNet((net) => {
  it("no socket is lost, however a call ends", { skip }, async () => {
    await everyEnd(net);
    const before = openSockets();
    for (let i = 0; i < 5; i++) await everyEnd(net);
    await noneSince(before);
  });

  // Bun.connect cannot be given up: docs/runtime-sockets.md.
  const kept = runtime === "bun" && net.netpoll.machine.selector.neverWaits === true;
  it(`a dial that was given up leaves ${kept ? "a socket (known difference)" : "no socket"} behind`, {
    skip,
  }, async () => {
    await using full = await fullListener();
    await net.roundTrip();
    const before = openSockets();
    await assert.rejects(net.dial(full.address, { timeout: 20 }), ErrDeadlineExceeded);
    await net.roundTrip();
    await noneSince(before, kept ? 1 : 0);
  });

  it("200 connections leave no socket behind", { skip }, async () => {
    await serve(net, 1);
    const before = openSockets();
    await serve(net, 200);
    await noneSince(before);
  });
});

/** One connection for each way that calls end. No look-up: libc's resolver keeps sockets of its own. */
async function everyEnd(net: Net): Promise<void> {
  const listener = await net.listen();
  const address = `${listener.localAddress}`;
  await assert.rejects(net.listen(address), NetError);
  await assert.rejects(net.dial(address, { timeout: 0 }), ErrDeadlineExceeded);
  await assert.rejects(net.dial(address, { signal: AbortSignal.abort() }), { name: "AbortError" });
  const [client, server] = await Promise.all([net.dial(address), listener.accept()]);
  const read = assert.rejects(client.read(new Uint8Array(1)), ErrNetClosing);
  await Promise.all([read, client.close()]);
  await server.close();
  const streams = await Promise.all([net.dial(address), listener.accept()]);
  await Promise.all([streams[0].writable.close(), streams[1].readable.pipeTo(streams[1].writable)]);
  assert.equal(
    await streams[0].readable
      .getReader()
      .read()
      .then(({ done }) => done),
    true,
  );
  const accept = assert.rejects(listener.accept(), ErrNetClosing);
  await Promise.all([accept, listener.close()]);
  await assert.rejects(net.dial(address), NetError);
}
