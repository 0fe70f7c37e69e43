/** The Rust guest of wasi:http 0.3 (tests/guests/rust/http3), against a server of this process. */
import { before } from "node:test";
import { type Host, type Outcome, run } from "./host.ts";
import { HTTP } from "./http-case.ts";
import { HttpServer } from "./http-server.ts";
import { RustGuest } from "./rust.ts";

export const http3 = new RustGuest("http3");

/** To be called in each file that runs it. */
export function buildHttp3(): void {
  before(() => {
    if (http3.skip === false) http3.build();
  });
}

/** Runs a topic that has no peer, or none that listens. */
export function runAlone(host: Host, args: readonly string[], flags: readonly string[] = [HTTP]): Promise<Outcome> {
  return run(host, http3.file, { flags, args });
}

/** Runs a topic against a fresh server. Returns how it ended, and what the server saw. @param flags `PORT` is the server's */
export async function runTopic(
  host: Host,
  topic: string,
  flags: readonly string[] = [HTTP],
): Promise<{ readonly outcome: Outcome; readonly seen: HttpServer["seen"] }> {
  const { server, authority } = await HttpServer.start();
  await using _ = server;
  const [, port = ""] = authority.split(":");
  const given = flags.map((flag) => flag.replace("PORT", port));
  return { outcome: await runAlone(host, [topic, authority], given), seen: server.seen };
}
