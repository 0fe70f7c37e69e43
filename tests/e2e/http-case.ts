/** Guests in tests/guests/http, run against a server of this process. */
import assert from "node:assert/strict";
import { guestFile, type Host, type Outcome, run } from "./host.ts";
import { HttpServer } from "./http-server.ts";

export const HTTP = "-Shttp";

/** A guest that checks its host from inside found nothing wrong. */
export function assertChecked({ status, stdout, stderr }: Outcome): void {
  assert.equal(stderr, "");
  assert.match(stdout.toString(), /^\d+ checks\n$/);
  assert.equal(status, 0);
}

/** Runs one case of the guest against a fresh server and answers what the server saw. */
export async function runCase(host: Host, name: string, flags: readonly string[] = []): Promise<HttpServer["seen"]> {
  const { server, authority, line } = await HttpServer.start();
  await using _ = server;
  assertChecked(
    await run(host, guestFile("http/requests"), { flags: [HTTP, ...flags], args: [name, authority, String(line)] }),
  );
  return server.seen;
}
