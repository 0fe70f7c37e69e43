/** On Deno a small guest is optimised from the start: Deno starts again, in the same process, with V8's flags for it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import process from "node:process";
import { describe, it } from "node:test";
import { guestFile, hosts, NETWORK, run, start } from "./host.ts";

const deno = hosts.find(({ name }) => name === "deno")!;
const skip = process.platform === "linux" ? deno.skip : "needs /proc";

/** What the process was started with the last time, NAME=VALUE. */
function flagsOf(pid: number): string | undefined {
  const variables = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  return variables.find((variable) => variable.startsWith("DENO_V8_FLAGS="));
}

describe("V8's flags on Deno", { skip }, () => {
  it("are set for a small guest, under the same process id", async () => {
    await using guest = start(deno, guestFile("tcpecho"), { flags: [...NETWORK], args: ["127.0.0.1:0"] });
    await guest.waitFor(/listening on /);
    assert.match(flagsOf(guest.pid) ?? "", /--no-liftoff/);
  });

  it("are not set with -O opt-level=0", async () => {
    const flags = ["-Oopt-level=0", ...NETWORK];
    await using guest = start(deno, guestFile("tcpecho"), { flags, args: ["127.0.0.1:0"] });
    await guest.waitFor(/listening on /);
    assert.equal(flagsOf(guest.pid), undefined);
  });

  it("are left as they are when the user has set some", async () => {
    const env = { DENO_V8_FLAGS: "--stack-trace-limit=9" };
    await using guest = start(deno, guestFile("tcpecho"), { flags: [...NETWORK], args: ["127.0.0.1:0"], env });
    await guest.waitFor(/listening on /);
    assert.equal(flagsOf(guest.pid), "DENO_V8_FLAGS=--stack-trace-limit=9");
  });

  it("are not seen by a guest that inherits the environment, and its arguments are as they were", async () => {
    const { stdout, status } = await run(deno, guestFile("args-env"), {
      flags: ["-Sinherit-env"],
      args: ["", "a b", "ünï"],
      env: { POLLUX_A: " ü\n1 " },
    });
    const text = stdout.toString();
    assert.doesNotMatch(text, /DENO_V8_FLAGS/);
    assert.ok(text.startsWith("arg args-env.wasm\narg \narg a b\narg ünï\n"), text);
    assert.ok(text.includes("env POLLUX_A= ü\n1 \n"), text);
    assert.equal(status, 0);
  });
});
