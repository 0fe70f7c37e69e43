/** Guests in tests/guests/http, run against a server of this process. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { guestFile, type Host, type Outcome, run } from "./host.ts";
import { HttpServer } from "./http-server.ts";

export const HTTP = "-Shttp";

/** A guest that checks its host from inside found nothing wrong. */
export function assertChecked({ status, stdout, stderr }: Outcome): void {
  assert.equal(stderr, "");
  assert.match(stdout.toString(), /^\d+ checks\n$/);
  assert.equal(status, 0);
}

/** Self-signed, for localhost, until 2126. */
export const pem = (part: "key" | "cert") => join(import.meta.dirname, `localhost-${part}.pem`);

/** What has a host trust it. */
export const trusting = { NODE_EXTRA_CA_CERTS: pem("cert"), DENO_CERT: pem("cert") };

/** The same with TLS. */
export async function runTlsCase(host: Host, name: string, flags: readonly string[] = []): Promise<void> {
  const { server, line } = await HttpServer.start();
  await using _ = server;
  const port = await server.startTls(readFileSync(pem("key"), "utf8"), readFileSync(pem("cert"), "utf8"));
  const args = [name, `localhost:${port}`, String(line), "tls"];
  assertChecked(await run(host, guestFile("http/requests"), { flags: [HTTP, ...flags], args, env: trusting }));
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
