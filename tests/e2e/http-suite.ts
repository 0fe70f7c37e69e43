/**
 * wasi:http with -Shttp, against a server of node:http: guests that check their host from inside (tests/guests/http).
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { assertError } from "./check.ts";
import { freePort } from "./client.ts";
import { guestFile, type Host, NETWORK, run } from "./host.ts";
import { assertChecked, HTTP, runCase, runTlsCase } from "./http-case.ts";

const fields = guestFile("http/fields");
const requests = guestFile("http/requests");

/** The cases that need no more than -Shttp. */
const plain = [
  ...["heads", "echo", "large-down", "trailers", "early-answer", "sizes", "aborted", "cancelled", "many"],
  ...["timeouts", "dribble", "late-reader", "failures", "invalid", "left-behind"],
];

/** Those that use sockets beside it. */
const withSockets = ["beside", "large-up"];

/** Those that are run with TLS too. */
const secured = [
  ...["heads", "echo", "large-down", "large-up", "early-answer", "trailers", "cancelled", "many", "beside"],
  ...["timeouts", "dribble", "late-reader", "left-behind"],
];

/** Each ended by its host with that message. */
const traps: Readonly<Record<string, string>> = {
  "header-view-outlived": "resource has children",
  "stream-outlived": "resource has children",
  "write-beyond-permit": "not permitted to write 1 bytes",
};

export function httpSuite(host: Host): void {
  describe(`http on ${host.name}`, { skip: host.skip }, () => {
    it("fields, requests, options and responses by themselves", async () => {
      assertChecked(await run(host, fields, { flags: [HTTP] }));
    });

    it("hello: the server sees the guest's headers, and its authority as host", async () => {
      const [seen] = await runCase(host, "hello");
      assert.equal(seen?.line, "GET /hello?a=b");
      const named = (name: string) => seen?.rawHeaders.filter((_, i, all) => i % 2 === 1 && all[i - 1] === name);
      assert.deepEqual(named("x-asked"), ["one", "two"]);
      assert.deepEqual(named("x-bytes"), ["caf\xe9"]);
      assert.match(named("host")?.join() ?? "", /^127\.0\.0\.1:\d+$/);
      assert.deepEqual(named("transfer-encoding"), []);
    });

    for (const name of plain) it(name, async () => void (await runCase(host, name)));

    for (const name of secured) it(`${name}, by HTTPS`, async () => void (await runTlsCase(host, name, NETWORK)));

    for (const name of withSockets) it(name, async () => void (await runCase(host, name, NETWORK)));

    // A runtime's own listener takes connections before anybody accepts them.
    it("connect-timeout", { skip: host.evented }, async () => void (await runCase(host, "connect-timeout", NETWORK)));

    it("a refused connection, and a name without address", async () => {
      const args = ["refused", `127.0.0.1:${await freePort()}`];
      assertChecked(await run(host, requests, { flags: [HTTP], args }));
    });

    for (const [name, message] of Object.entries(traps)) {
      it(`${name} ends the guest`, async () => {
        const outcome = await run(host, requests, { flags: [HTTP], args: [name, "127.0.0.1:1"] });
        assertError(outcome, 1, `\n    2: ${message}\n\n`);
      });
    }

    it("fields beyond their limit end the guest", async () => {
      const outcome = await run(host, fields, { flags: ["-Shttp,max-http-fields-size=1000"], args: ["grow"] });
      assertError(outcome, 1, "\n    2: total size of fields exceeds limit\n\n");
    });
  });
}
