/** `pollux serve` on each host, with what its life takes: started by a test's own options, on sockets of either family. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { Guest, guestFile, type Host } from "../host.ts";
import { type Answer, HttpConnection, type Where } from "../serve/connection.ts";
import { get } from "../serve/server.ts";

export interface Started {
  readonly env?: Readonly<Record<string, string>>;
  readonly pass?: readonly number[];
}

/** A server that says itself where it listens. */
export function serve(
  host: Host,
  options: readonly string[],
  { guest = guestFile("http/serve"), env = {}, pass = [] }: Started & { readonly guest?: string } = {},
): Guest {
  const made = new Guest([...host.command, "serve", ...(host.flags ?? []), ...options, guest], env, pass);
  made.input("");
  return made;
}

/** The answer to one request on a connection of its own. */
export async function ask(to: number | Where, path: string): Promise<Answer> {
  await using connection = await HttpConnection.dial(to);
  return await connection.exchange(get(path, "Connection: close\r\n"));
}

/** A folder of the test file's, removed at its end. */
export function scratchFolder(): string {
  // Short, for a unix socket's path has 103 bytes at most.
  const folder = mkdtempSync(join(tmpdir(), "pl-"));
  after(() => rmSync(folder, { recursive: true }));
  return folder;
}
