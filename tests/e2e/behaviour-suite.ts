/**
 * Guests that check their host from inside (tests/guests/behaviour). They pass on wasmtime 48.0.8 too, save for one check of
 * poll, which is exact here.
 */
import { describe, it } from "node:test";
import { guestFile, type Host, NETWORK, run } from "./host.ts";
import { assertChecks, knownLines } from "./known-lines.ts";

/** Each prints `N checks`, and on stderr a line for each that failed. */
const topics: Readonly<Record<string, { readonly input?: string }>> = {
  "tcp-bind": {},
  "tcp-connect": {},
  "tcp-listen": {},
  "tcp-options": {},
  "tcp-streams": {},
  "tcp-shutdown": {},
  "tcp-queue": {},
  poll: {},
  clocks: {},
  stdio: { input: "0123456789" },
};

export function behaviourSuite(hosts: readonly Host[]): void {
  for (const host of hosts) {
    describe(`behaviour on ${host.name}`, { skip: host.skip }, () => {
      for (const [topic, { input = "" }] of Object.entries(topics)) {
        const guest = `behaviour/${topic}`;
        it(knownLines(host, guest).length === 0 ? topic : `${topic} (known differences)`, async () => {
          assertChecks(host, guest, await run(host, guestFile(guest), { flags: NETWORK, input }));
        });
      }
    });
  }
}
