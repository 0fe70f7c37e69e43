/** The Rust guest of WASI 0.3 (tests/guests/rust/p3): its suites run it on hosts that they are given. */
import { before } from "node:test";
import { type Guest, type Host, type Outcome, run, type StartOptions, start } from "./host.ts";
import { RustGuest } from "./rust.ts";

export const p3 = new RustGuest("p3");

/** All that a guest may be let do with the network. */
export const OPEN = ["-Sinherit-network", "-Sallow-ip-name-lookup"] as const;

/** To be called in each file that runs it. */
export function buildP3(): void {
  before(() => {
    if (p3.skip === false) p3.build();
  });
}

type Options = Omit<StartOptions, "args"> & { readonly input?: string | Uint8Array };

/** Runs a topic to its end. */
export function runTopic(host: Host, args: readonly string[], options: Options = {}): Promise<Outcome> {
  return run(host, p3.file, { flags: OPEN, ...options, args });
}

export function startTopic(host: Host, args: readonly string[], flags: readonly string[] = OPEN): Guest {
  return start(host, p3.file, { flags, args });
}
