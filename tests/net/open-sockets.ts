import assert from "node:assert/strict";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import process from "node:process";
import { setTimeout } from "node:timers/promises";

/** Why sockets cannot be counted; false: they can. */
export const skip = process.platform === "linux" ? false : "open sockets are counted in /proc";

/** Sockets of the internet only, by inode: the runtimes open pipes, files, epolls and unix sockets when they like. */
export function openSockets(): ReadonlySet<string> {
  const targets = readdirSync("/proc/self/fd").map(target);
  const unix = new Set(readFileSync("/proc/net/unix", "utf8").match(/\b\d+(?=\n| [/@])/g));
  return new Set(targets.filter((each) => each.startsWith("socket:") && !unix.has(each.slice("socket:[".length, -1))));
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

/**
 * Of the sockets that were opened since, `kept` are left. The runtimes close theirs when their event loop comes to it; some of
 * those that were open `before` may have been about to be closed, and are not counted on.
 */
export async function noneSince(before: ReadonlySet<string>, kept = 0): Promise<void> {
  const left = () => [...openSockets()].filter((socket) => !before.has(socket)).length;
  const late = performance.now() + 60_000;
  while (left() > kept && performance.now() < late) await setTimeout(1);
  assert.equal(left(), kept);
}
