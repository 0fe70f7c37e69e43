import assert from "node:assert/strict";
import { describe } from "node:test";
import { HUNG_UP, READABLE, type Source, WRITABLE } from "../../src/machine/selector.ts";
import type { TcpHandle } from "../../src/machine/sockets.ts";
import type { Backend } from "./backend.ts";
import { accept, close, connect, encode, listen, look, ok, pair, receiveAll, sendAll, wait } from "./sockets.ts";

/** What every machine's selector must do: the contract of Selector. */
export function testSelector(backend: Backend): void {
  const { name, machine, it } = backend;
  const { selector } = machine;

  /** What one select sees, by source. */
  async function select(timeout: number): Promise<Map<Source, number>> {
    const seen = new Map<Source, number>();
    for (let left = await backend.select(timeout); left > 0; left--) {
      seen.set(selector.sources[left - 1]!, selector.events[left - 1]!);
    }
    return seen;
  }

  describe(`selector on ${name}`, () => {
    for (const timeout of [0, 1, 1e6, 1_000_001, 25e6]) {
      it(`waits no less than ${timeout} ns`, async () => {
        const start = machine.now();
        assert.equal(await backend.select(timeout), 0);
        const waited = machine.now() - start;
        assert.ok(waited >= timeout, `waited ${waited} ns`);
      });
    }

    for (const timeout of [Infinity, 3e15, 1e300]) {
      it(`ends a wait of ${timeout} ns with the first event`, async () => {
        const { client, close } = await pair(backend);
        selector.setInterest(client.source, WRITABLE);
        assert.deepEqual(await select(timeout), new Map([[client.source, WRITABLE]]));
        close();
      });
    }

    it("is level-triggered", async () => {
      const { client, server, close } = await pair(backend);
      await sendAll(backend, client, encode("x"));
      selector.setInterest(server.source, READABLE);
      for (let i = 0; i < 3; i++) assert.equal((await select(backend.patience)).get(server.source), READABLE);
      assert.equal(server.receive(1), 1);
      assert.equal(selector.select(0), 0);
      close();
    });

    it("reports only what was asked for, and follows a changed interest", async () => {
      const { client, server, close } = await pair(backend);
      await sendAll(backend, client, encode("x"));
      await wait(backend, server.source, READABLE);
      const { source } = server;
      selector.setInterest(source, WRITABLE);
      assert.equal((await select(backend.patience)).get(source), WRITABLE);
      selector.setInterest(source, READABLE | WRITABLE);
      assert.equal((await select(backend.patience)).get(source), READABLE | WRITABLE);
      selector.setInterest(source, READABLE);
      assert.equal((await select(backend.patience)).get(source), READABLE);
      selector.setInterest(source, 0);
      assert.equal(selector.select(0), 0);
      selector.setInterest(source, 0);
      assert.equal(selector.select(0), 0);
      close();
    });

    it("sets every bit that was asked for on a hang-up", async () => {
      for (const interest of [READABLE, WRITABLE, READABLE | WRITABLE]) {
        const { client, server, listener } = await pair(backend);
        await sendAll(backend, client, encode("never read"));
        await wait(backend, server.source, READABLE);
        close(backend, server);
        // The reset is there once reading says so.
        await wait(backend, client.source, READABLE);
        assert.equal((await look(backend, client.source, interest, backend.patience)) & ~HUNG_UP, interest);
        close(backend, client);
        close(backend, listener);
      }
    });

    it("tells a connection that is over from one that is half-closed", async () => {
      const { client, server, listener } = await pair(backend);
      assert.equal(server.shutdown("send"), undefined);
      await wait(backend, client.source, READABLE);
      assert.equal(await look(backend, client.source, READABLE, backend.patience), READABLE);
      await sendAll(backend, client, encode("never read"));
      await wait(backend, server.source, READABLE);
      close(backend, server);
      let events = READABLE;
      const deadline = machine.now() + backend.patience;
      while ((events & HUNG_UP) === 0 && machine.now() < deadline) {
        events = await look(backend, client.source, READABLE, backend.patience);
      }
      assert.equal(events, READABLE | HUNG_UP);
      close(backend, client);
      close(backend, listener);
    });

    it("says nothing of a source whose interest was taken back, though its peer is gone", async () => {
      const { client, server, listener } = await pair(backend);
      selector.setInterest(client.source, READABLE);
      close(backend, server);
      assert.equal((await select(backend.patience)).get(client.source), READABLE);
      selector.setInterest(client.source, 0);
      assert.equal(await backend.select(5e6), 0);
      close(backend, client);
      close(backend, listener);
    });

    it("sees a new socket on the fd of a forgotten one", async () => {
      const first = await pair(backend);
      selector.setInterest(first.client.source, WRITABLE);
      first.close();
      const second = await pair(backend);
      assert.equal(selector.select(0), 0);
      await wait(backend, second.client.source, WRITABLE);
      second.close();
    });

    it("reports all that is ready of many sources, in one select", async () => {
      const listener = await listen(backend);
      const address = ok(listener.localAddress());
      const many: { readonly client: TcpHandle; readonly server: TcpHandle }[] = [];
      while (many.length < 750) {
        many.push({ client: await connect(backend, address), server: await accept(backend, listener) });
      }
      for (const { client } of many) await sendAll(backend, client, encode("x"));
      for (const { server } of many) await wait(backend, server.source, READABLE);
      for (const { client, server } of many) {
        selector.setInterest(server.source, READABLE | WRITABLE);
        selector.setInterest(client.source, READABLE | WRITABLE);
      }
      const expected = many.flatMap(({ client, server }) => [
        [client.source, WRITABLE] as const,
        [server.source, READABLE | WRITABLE] as const,
      ]);
      assert.deepEqual(await select(backend.patience), new Map(expected));
      for (const { client, server } of many) {
        assert.equal((await receiveAll(backend, server, 1))[0], 0x78);
        close(backend, client);
        close(backend, server);
      }
      close(backend, listener);
    });

    it("looks at one source, registered or not, and changes nothing", async () => {
      const { client, server, close: closeAll } = await pair(backend);
      assert.equal(selector.look(server.source, READABLE), 0);
      assert.equal(selector.look(server.source, READABLE | WRITABLE), WRITABLE);
      await sendAll(backend, client, encode("x"));
      await wait(backend, server.source, READABLE);
      assert.equal(selector.look(server.source, READABLE), READABLE);
      assert.equal(selector.look(server.source, READABLE | WRITABLE), READABLE | WRITABLE);
      assert.equal(selector.select(0), 0, "what was looked at is not registered");
      selector.setInterest(server.source, WRITABLE);
      assert.equal(selector.look(server.source, READABLE), READABLE);
      assert.deepEqual(
        await select(backend.patience),
        new Map([[server.source, WRITABLE]]),
        "what was registered stays as it was",
      );
      closeAll();
    });

    it("sees in a look a connection that is over", async () => {
      const { client, server, listener } = await pair(backend);
      await sendAll(backend, client, encode("never read"));
      await wait(backend, server.source, READABLE);
      close(backend, server);
      await wait(backend, client.source, READABLE);
      assert.equal(selector.look(client.source, WRITABLE) & ~HUNG_UP, WRITABLE);
      close(backend, client);
      close(backend, listener);
    });
  });
}
