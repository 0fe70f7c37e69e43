import assert from "node:assert/strict";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import process from "node:process";
import { setTimeout } from "node:timers/promises";

/** Why sockets cannot be counted; false: they can. */
export const skip = process.platform === "linux" ? false : "open sockets are counted in /proc";

/** Sockets of the internet only: the runtimes open pipes, files, epolls and unix sockets when they like. */
export function openSockets(): number {
  const targets = readdirSync("/proc/self/fd").map(target);
  const unix = new Set(readFileSync("/proc/net/unix", "utf8").match(/\b\d+(?=\n| [/@])/g));
  return targets.filter((each) => each.startsWith("socket:") && !unix.has(each.slice("socket:[".length, -1))).length;
}

/** Empty for the descriptor that the folder was read by. */
function target(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}

/** The runtimes close their sockets when their event loop comes to it. */
export async function noMoreThan(sockets: number): Promise<void> {
  const late = performance.now() + 10_000;
  while (openSockets() > sockets && performance.now() < late) await setTimeout(1);
  assert.ok(openSockets() <= sockets, `${openSockets()} open, ${sockets} before`);
}
