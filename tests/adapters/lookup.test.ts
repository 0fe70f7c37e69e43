import assert from "node:assert/strict";
import { it } from "node:test";
import { READABLE } from "../../src/machine/selector.ts";
import { blocking } from "../backends/backend.ts";
import { testLookup } from "../backends/lookup-suite.ts";
import { close, ok, wait } from "../backends/sockets.ts";
import { createMachine } from "./runtime.ts";

/** What tests/backends does not see of getaddrinfo: its blocking form, and the descriptors that it takes. */

for (const resolver of ["async", "blocking"] as const) {
  const backend = blocking(`posix, ${resolver} resolver`, await createMachine({ resolver }));
  if (resolver === "blocking") testLookup(backend);

  it(`leaves no descriptors behind with the ${resolver} resolver`, async () => {
    const ids: number[] = [];
    while (ids.length < 200) {
      const handle = ok(backend.machine.net.lookup("localhost"));
      await wait(backend, handle.source, READABLE);
      assert.notEqual(handle.addresses(), "would-block");
      close(backend, handle);
      ids.push(handle.source.id);
    }
    assert.ok(Math.max(...ids) - Math.min(...ids) < 20, `${Math.min(...ids)} to ${Math.max(...ids)}`);
  });
}
