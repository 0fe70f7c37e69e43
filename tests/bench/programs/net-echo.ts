/** An echo server on the TCP library. With `--timeout` a client that sends nothing for a minute is let go. */
import { type Conn, dial, listen } from "../../../src/index.ts";

const patience = process.argv.includes("--timeout") ? 60_000 : undefined;
const listener = await listen("127.0.0.1:0");
// The first wait starts the thread that waits, which must not be measured.
const [client, server] = await Promise.all([dial(listener.localAddress), listener.accept()]);
await Promise.all([client.close(), server.close()]);
console.log(`listening on ${listener.localAddress}`);
for await (const conn of listener) echo(conn).catch(() => conn.close());

async function echo(conn: Conn): Promise<void> {
  const buffer = new Uint8Array(65536);
  for (let count = await read(conn, buffer); count > 0; count = await read(conn, buffer)) {
    await conn.write(buffer.subarray(0, count));
  }
  await conn.close();
}

function read(conn: Conn, buffer: Uint8Array): Promise<number> {
  if (patience !== undefined) conn.setReadDeadline(Date.now() + patience);
  return conn.read(buffer);
}
