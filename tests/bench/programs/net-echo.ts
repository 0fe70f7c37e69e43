/** An echo server on the TCP library. */
import { type Conn, dial, listen } from "../../../src/index.ts";

const listener = await listen("127.0.0.1:0");
// The first wait starts the thread that waits, which must not be measured.
const [client, server] = await Promise.all([dial(listener.localAddress), listener.accept()]);
await Promise.all([client.close(), server.close()]);
console.log(`listening on ${listener.localAddress}`);
for await (const conn of listener) echo(conn).catch(() => conn.close());

async function echo(conn: Conn): Promise<void> {
  const buffer = new Uint8Array(65536);
  for (let count = await conn.read(buffer); count > 0; count = await conn.read(buffer)) {
    await conn.write(buffer.subarray(0, count));
  }
  await conn.close();
}
