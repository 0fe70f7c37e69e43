/** Commands in a pseudo-terminal of their own (python3's pty). */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";

/** Why there is no pseudo-terminal here; false: there is one. */
export const noTerminal =
  process.platform !== "win32" && spawnSync("python3", ["-c", "import pty"]).status === 0
    ? false
    : "no python3 with pty";

/**
 * Runs argv[2:] in a terminal of its own. argv[1] is JSON, pairs of what it must have shown and what is typed then, in their
 * order. Prints how it ended, and all that it showed.
 */
const DRIVER = `
import json, os, pty, signal, sys
signal.alarm(100)
steps, command = json.loads(sys.argv[1]), sys.argv[2:]
pid, fd = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
shown = b""
while True:
    while steps and steps[0][0].encode() in shown:
        os.write(fd, steps.pop(0)[1].encode())
    try:
        piece = os.read(fd, 65536)
    except OSError:
        break
    if not piece:
        break
    shown += piece
_, status = os.waitpid(pid, 0)
print("signal", os.WTERMSIG(status)) if os.WIFSIGNALED(status) else print("status", os.WEXITSTATUS(status))
print(shown.decode())
`;

export type Steps = readonly (readonly [shown: string, typed: string])[];

/** @param env The variables that it has in place of this process's. */
export function terminal(
  argv: readonly string[],
  steps: Steps,
  env: NodeJS.ProcessEnv = process.env,
): { ended: string; shown: string } {
  const { stdout, stderr, error } = spawnSync("python3", ["-c", DRIVER, JSON.stringify(steps), ...argv], {
    encoding: "utf8",
    timeout: 120_000,
    env,
  });
  if (error) throw error;
  assert.equal(stderr, "");
  const [ended = "", ...shown] = stdout.split("\n");
  return { ended, shown: shown.join("\n").replaceAll("\r", "") };
}
