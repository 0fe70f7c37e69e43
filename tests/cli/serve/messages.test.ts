import assert from "node:assert/strict";
import { it } from "node:test";
import { parseListenAddress, parseSocketAddress } from "../../../src/cli/options/socket-address.ts";
import { cannotListen, listeningForShutdown, servingOn } from "../../../src/cli/serve/messages.ts";
import { ListenError } from "../../../src/run/serve/listen-error.ts";
import type { ListenAddress } from "../../../src/run/serve/options.ts";

it("where a server listens, in wasmtime's words", () => {
  const lines: readonly (readonly [string, string])[] = [
    ["127.0.0.1:8080", "Serving HTTP on http://127.0.0.1:8080/\n"],
    ["[::1]:80", "Serving HTTP on http://[::1]:80/\n"],
    ["unix:/run/app.sock", "Serving HTTP on unix:/run/app.sock\n"],
  ];
  for (const [address, line] of lines) {
    const bound = parseListenAddress(address);
    assert.ok(bound.tag !== "descriptor");
    assert.equal(servingOn(bound), line);
  }
  assert.equal(listeningForShutdown(parseSocketAddress("[::1]:9")), "Listening for shutdown on tcp://[::1]:9/\n");
});

it("where it cannot listen, and why", () => {
  const cases: readonly (readonly [ListenAddress, string])[] = [
    [parseListenAddress("127.0.0.1:80"), "127.0.0.1:80"],
    [parseListenAddress("unix:a"), "unix:a"],
  ];
  for (const [address, name] of cases) {
    const { message, causes, hint } = cannotListen(new ListenError(address, "address-in-use"));
    assert.deepEqual([message, causes], [`failed to listen on ${name}`, ["Address already in use (os error 98)"]]);
    const another = "another program has this port: --addr '127.0.0.1:0' takes one that is free, and says which";
    assert.equal(hint, name === "unix:a" ? undefined : another);
  }
});
