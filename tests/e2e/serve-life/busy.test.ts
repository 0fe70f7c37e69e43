/** A server of guests that compute: once that is known others have their turn meanwhile, without -W timeout. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eventedHosts, guestFile, hosts } from "../host.ts";
import { RustGuest } from "../rust.ts";
import { get, Server } from "../serve/server.ts";

/** As many requests are answered in cold code, which is not held against guests. */
const COLD = 16;

/** Computing for so many ms tells a server of it; the first that do hold up others. */
const TRIES = 5;

for (const host of [...hosts, ...eventedHosts]) {
  const { name, command, flags = [], skip } = host;
  describe(`guests that compute on ${name}`, { skip }, () => {
    const start = (guest: string, ...options: readonly string[]) =>
      Server.start((file, given) => [...command, "serve", ...flags, ...given, file], guest, ["-Scli", ...options]);

    it("hold up nobody, when they have done so for a while", async () => {
      await using server = await start(guestFile("http/serve"));
      await yieldTurn(server);
    });

    it("nor do those of 0.3", async (t) => {
      const guest = new RustGuest("serve3");
      if (host.evented === true || guest.skip !== false) {
        t.skip("as on the machine's sockets, or there is no Rust");
        return;
      }
      guest.build();
      // an instance that computes has one task at a time: requests that have the same one wait for it, in wasmtime, too
      await using server = await start(guest.file, "--max-instance-concurrent-reuse-count=1");
      await yieldTurn(server);
    });
  });
}

async function yieldTurn(server: Server): Promise<void> {
  for (let i = 0; i < COLD; i++) assert.equal((await server.get("/hello")).status, 200);
  for (let tries = 0; tries < TRIES; tries++) {
    await using connection = await server.dial();
    let done = false;
    const busy = connection.exchange(get("/busy/700")).then((answer) => {
      done = true;
      return answer;
    });
    // it has begun by then, or is the next
    await server.get("/hello");
    await server.get("/hello");
    const meanwhile = !done;
    assert.equal((await server.process.during(busy)).status, 200);
    if (meanwhile) return;
  }
  assert.fail("each request for something else waited for the guest that computes");
}
