/**
 * `nc -w 1 HOST PORT`, for machines without: sends its input, and prints what comes until a second passes without anything. Who
 * types it looks first whether the server is there: so does this, for a minute.
 */
import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import process from "node:process";
import { setTimeout } from "node:timers/promises";

const [host = "", port] = process.argv.slice(-2);

async function connect(deadline: number): Promise<Socket> {
  const socket = createConnection({ host, port: Number(port), allowHalfOpen: true });
  try {
    await once(socket, "connect");
    return socket;
  } catch (error) {
    if (performance.now() > deadline) throw error;
    await setTimeout(50);
    return connect(deadline);
  }
}

const socket = await connect(performance.now() + 60_000);
socket.setTimeout(1000, () => socket.destroy());
process.stdin.pipe(socket, { end: false });
socket.pipe(process.stdout);
await once(socket, "close");
