import assert from "node:assert/strict";
import type { Outcome } from "./host.ts";

/** That a run ended in one clear error on stderr with that status, and with nothing of Pollux's own inside. */
export function assertError(outcome: Outcome, status: number, text: string | RegExp): void {
  const { stderr } = outcome;
  if (typeof text === "string") assert.ok(stderr.includes(text), `${JSON.stringify(text)} is not in: ${stderr}`);
  else assert.match(stderr, text);
  assert.match(stderr, /^Error: /);
  assert.equal(stderr.match(/^\w*Error: /gm)?.length, 1, `one error: ${stderr}`);
  assert.doesNotMatch(stderr, /^\s+at |\.(ts|js|mjs):\d/m, "no stack trace of Pollux's");
  assert.deepEqual([outcome.status, outcome.signal, outcome.stdout.toString()], [status, null, ""]);
}

/** That a run ended well, and what it printed. */
export function assertWell({ status, signal, stdout, stderr }: Outcome, expected = ""): void {
  assert.deepEqual([stderr, stdout.toString(), status, signal], ["", expected, 0, null]);
}
