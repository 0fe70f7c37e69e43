import { existsSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";

const TABLE = "/proc/net/tcp";

/** Why the kernel's queues cannot be looked at; false: they can. */
export const noKernelQueues = existsSync(TABLE) ? false : `no ${TABLE}`;

/**
 * What the kernel holds of each connection on loopback that somebody listens for on this port: bytes that were sent to the client and
 * that the client has not read (proc(5)), by the client's port.
 */
function kernelQueues(port: number): ReadonlyMap<number, number> {
  const queues = new Map<number, number>();
  const add = (client: number, bytes: number) => queues.set(client, (queues.get(client) ?? 0) + bytes);
  for (const line of readFileSync(TABLE, "latin1").split("\n").slice(1, -1)) {
    const [, local = "", remote = "", , waiting = ""] = line.trim().split(/\s+/);
    const [from, to] = [local, remote].map((address) => Number.parseInt(address.slice(-4), 16));
    const [sent, received] = waiting.split(":").map((bytes) => Number.parseInt(bytes, 16));
    if (from === port && to !== 0) add(to!, sent!);
    if (to === port) add(from!, received!);
  }
  return queues;
}

/** The same once it changes no more: bytes that are on their way from one queue to the other are counted in both, or in none. */
export async function settledQueues(port: number): Promise<ReadonlyMap<number, number>> {
  for (let before: unknown; ; ) {
    const queues = kernelQueues(port);
    if (isDeepStrictEqual(queues, before)) return queues;
    before = queues;
    await setTimeout(200);
  }
}
