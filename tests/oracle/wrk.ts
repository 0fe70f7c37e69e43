/** wrk, which keeps connections full of requests, against a server. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

/** Why it cannot be run; false: it can. */
export const noWrk: string | false =
  spawnSync("wrk", ["--version"]).error === undefined ? false : "no wrk on this machine (apt-get install wrk)";

/**
 * Sixteen connections, for so many seconds.
 *
 * @returns Requests a second
 * @throws if an answer was no 2xx, or a connection failed
 */
export async function wrk(url: string, seconds: number): Promise<number> {
  // Its own limit for an answer is 2 s, which sixteen CPythons that start at once may need.
  const child = spawn("wrk", ["-t2", "-c16", `-d${seconds}s`, "--timeout=60s", url], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    text += piece;
  });
  await once(child, "close");
  const rate = /^Requests\/sec:\s+([\d.]+)$/m.exec(text)?.[1];
  if (rate === undefined || Number(rate) === 0) throw new Error(`wrk: ${text}`);
  const trouble = /^\s*(?:Socket errors|Non-2xx).*$/m.exec(text)?.[0];
  if (trouble !== undefined) throw new Error(`wrk: ${trouble.trim()}`);
  return Number(rate);
}
