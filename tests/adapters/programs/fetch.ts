/**
 * Runs a case of tests/guests/http/requests, argv[4], with the server argv[2] by the library, waiting as argv[3] says, again and
 * again, and prints what is left open of it.
 */
import { readdirSync, readlinkSync } from "node:fs";
import process from "node:process";
import { run } from "../../../src/index.ts";

const requests = new URL("../../guests/http/requests.wasm", import.meta.url);

/** The pipes of this process: what a run may leave behind of the thread that it started. */
function pipes(): number {
  return readdirSync("/proc/self/fd").filter((fd) => link(fd).startsWith("pipe:")).length;
}

function link(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    // The directory's own, which is closed by now.
    return "";
  }
}

const [, , authority = "", , name = ""] = process.argv;
const wait = process.argv[3] === "blocking" ? "blocking" : "suspending";
const args = ["guest", name, authority];
async function fetch(): Promise<void> {
  const { exitCode } = await run(requests, { args, wait, network: { http: true, allow: ["localhost", "127.0.0.1"] } });
  if (exitCode !== 0) throw new Error(`exit code ${exitCode}`);
}

/** Whether no more than so many are left, once the threads of the runs have ended. */
async function settle(most: number): Promise<boolean> {
  for (let look = 0; look < LOOKS; look++) {
    if (pipes() <= most) return true;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return false;
}

const LOOKS = 100;

// The runtime keeps some of its own from its first threads on, which may begin later than the requests end: it then has all of
// its own. What a run leaves behind is more each time.
let left = true;
for (let round = 0; left && round < 10; round++) {
  const before = pipes();
  for (let i = 0; i < 9; i++) await fetch();
  left = !(await settle(before));
}
console.log(left ? "pipes left" : "nothing left");
