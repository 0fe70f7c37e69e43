/** Where guests that check their host find something else on the runtimes' own sockets. docs/runtime-sockets.md says what. */
import assert from "node:assert/strict";
import type { Runtime } from "../adapters/runtime.ts";
import { type Host, type Outcome, runtimeOf } from "./host.ts";

type Lines = readonly number[];

const everywhere = (...lines: Lines): Readonly<Record<Runtime, Lines>> => ({ node: lines, deno: lines, bun: lines });

// biome-ignore format: a block for each function of the guest
const tcpOptions: Lines = [
  31, 32, 37, 38, 43, 44,
  67, 68, 69, 72,
  86, 87, 88, 89, 90, 91, 92, 93, 94, 95, 96, 97,
  110, 111, 112, 113, 114, 123, 124, 125, 126, 127, 128, 129, 131,
];
const keepAliveIdle: Lines = [25, 26, 63, 64, 65, 109, 118, 121, 122];
const udpBuffersUnbound: Lines = [27, 33, 46, 55];
const udpBuffers: Lines = [48, 49, 50, 51, 52, 53, 57, 58, 59, 60, 61, 62];

/** By guest, the lines of its checks that fail, on evented hosts. */
const known: Readonly<Record<string, Readonly<Partial<Record<Runtime, Lines>>>>> = {
  "behaviour/tcp-options": {
    node: tcpOptions,
    // Without an idle time, what is accepted has none of the listener's sizes either.
    deno: [...tcpOptions, ...keepAliveIdle, 130, 132],
    bun: tcpOptions,
  },
  "behaviour/tcp-connect": { deno: [159], bun: [159] },
  "udp/options": { node: udpBuffersUnbound, deno: udpBuffersUnbound, bun: [...udpBuffersUnbound, ...udpBuffers] },
  "udp/connected": everywhere(132),
  "udp/peer": everywhere(30, 32),
  "udp/unreachable": { node: [14, 15], deno: [14, 15] },
};

/** The lines of the guest's checks that fail on that host. */
export function knownLines(host: Host, guest: string): Lines {
  return host.evented === true ? (known[guest]?.[runtimeOf(host)] ?? []) : [];
}

/** That a guest that checks its host has found what is known to differ there, and nothing else. */
export function assertChecks(host: Host, guest: string, { status, stdout, stderr }: Outcome): void {
  const expected = [...knownLines(host, guest)].sort((a, b) => a - b);
  const failed = stderr.split("\n").slice(0, -1);
  for (const line of failed) assert.ok(line.startsWith(`${guest}.c:`), stderr);
  const lines = new Set(failed.map((line) => Number(line.slice(guest.length + 3).match(/^\d+/)?.[0])));
  assert.deepEqual(
    [...lines].sort((a, b) => a - b),
    expected,
    stderr,
  );
  assert.match(stdout.toString(), /^\d+ checks\n$/);
  assert.equal(status, expected.length === 0 ? 0 : 1);
}
