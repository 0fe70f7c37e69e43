/** Many connections and much in them, with guests of WASI 0.3. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { assertWell } from "./check.ts";
import { Client, echoEach } from "./client.ts";
import { type Host, portOf } from "./host.ts";
import { p3, startTopic } from "./p3.ts";

const IDLE = 1000;
const PIECE = 64 * 1024;
const BIG = 100_000_000;

export function p3LoadSuite(hosts: readonly Host[]): void {
  for (const host of hosts) {
    describe(`WASI 0.3 under load on ${host.name}`, { skip: host.skip || p3.skip }, () => {
      it(`${IDLE} idle connections, while others are answered and it ticks`, () => idle(host));
      for (const mode of ["echo", "splice"]) it(`100 MB and back: ${mode}`, () => big(host, mode));
    });
  }
}

async function idle(host: Host): Promise<void> {
  await using guest = startTopic(host, ["server", "timeout", "127.0.0.1:0"]);
  const port = await portOf(guest);
  const clients: Client[] = [];
  while (clients.length < IDLE) {
    clients.push(...(await Promise.all(Array.from({ length: 50 }, () => Client.dial(port)))));
  }
  const [busy] = clients;
  for (let i = 0; i < 500; i++) {
    await busy!.send(`request ${i}`);
    const expected = `request ${i}`;
    assert.equal((await busy!.read(expected.length)).toString(), expected);
  }
  await guest.waitFor(/^tick 1$/m);
  // Each of them is still there.
  await echoEach(clients);
}

/** The peer checks what comes back by its digest. */
async function big(host: Host, mode: string): Promise<void> {
  await using guest = startTopic(host, [mode, "1"]);
  const client = await Client.dial(await portOf(guest));
  const pieces = Array.from({ length: 16 }, () => randomBytes(PIECE));
  const sent = createHash("sha256");
  const sending = (async () => {
    for (let left = BIG, i = 0; left > 0; i++) {
      const piece = pieces[i % pieces.length]!.subarray(0, left);
      sent.update(piece);
      await client.send(piece);
      left -= piece.length;
    }
    client.end();
  })();
  const received = createHash("sha256");
  let length = 0;
  for (;;) {
    const bytes = await client.read(PIECE);
    if (bytes.length === 0) break;
    length += bytes.length;
    received.update(bytes);
  }
  await sending;
  assert.equal(length, BIG);
  assert.equal(received.digest("hex"), sent.digest("hex"));
  client.close();
  const outcome = await guest.outcome();
  assertWell(outcome, outcome.stdout.toString());
}
