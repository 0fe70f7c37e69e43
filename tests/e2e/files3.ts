/** The Rust guest of wasi:filesystem 0.3 (tests/guests/rust/files3), with a directory of its own. */
import { before } from "node:test";
import { type Host, type Outcome, run } from "./host.ts";
import { RustGuest } from "./rust.ts";

export const files3 = new RustGuest("files3");

/** To be called in each file that runs it. */
export function buildFiles3(): void {
  before(() => {
    if (files3.skip === false) files3.build();
  });
}

/** Runs a topic to its end in a directory of the host's. */
export function runIn(host: Host, directory: string, args: readonly string[]): Promise<Outcome> {
  return run(host, files3.file, { flags: ["--dir", `${directory}::/`], args });
}
