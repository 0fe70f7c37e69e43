/** The shortest echo server on the sockets of the runtime that runs it. */
import { createServer } from "node:net";

const hostname = "127.0.0.1";
const announce = (port: number): void => console.log(`listening on ${hostname}:${port}`);

if ("Bun" in globalThis) {
  const server = Bun.listen({ hostname, port: 0, socket: { data: (socket, bytes) => void socket.write(bytes) } });
  announce(server.port);
} else if ("Deno" in globalThis) {
  const listener = Deno.listen({ hostname, port: 0 });
  announce(listener.addr.port);
  for await (const conn of listener) echo(conn).catch(() => conn.close());
} else {
  const server = createServer((socket) => {
    socket.on("data", (bytes) => socket.write(bytes));
    socket.on("error", () => socket.destroy());
  });
  server.listen(0, hostname, () => announce((server.address() as { port: number }).port));
}

async function echo(conn: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(65536);
  for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
    await conn.write(buffer.subarray(0, count));
  }
  conn.close();
}
