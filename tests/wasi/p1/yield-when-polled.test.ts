/** A core module that goes round in calls that never wait, beside its host. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { createSuspendingMachine } from "../../../src/library/machine.ts";
import type { ModuleOptions } from "../../../src/run/module.ts";
import { runModuleSuspended } from "../../../src/run/module-suspended.ts";
import type { Preview1Memory } from "../../../src/wasi/p1/abi/memory.ts";
import { suspending } from "../../backends/backend.ts";
import { close, connect, listen, ok } from "../../backends/sockets.ts";
import { WASI } from "../../e2e/p1/wat.ts";

/** Where the host writes that it has had its turns. */
const HAD = 32;

const imports = `(import "${WASI}" "sched_yield" (func $yield (result i32)))
  (import "${WASI}" "sock_accept" (func $accept (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)`;

const guests = {
  sched_yield: `(func (export "_start")
    (loop $again (drop (call $yield)) (br_if $again (i32.eqz (i32.load (i32.const ${HAD}))))))`,
  // Until a client comes: EAGAIN is 6.
  sock_accept: `(func (export "_start")
    (loop $again (br_if $again (i32.eq (i32.const 6) (call $accept (i32.const 3) (i32.const 0) (i32.const 16))))))`,
} as const;

for (const net of ["posix", "evented"] as const) {
  describe(`on ${net} sockets`, () => {
    for (const [call, body] of Object.entries(guests)) {
      it(`the host has its turns while a guest goes round in ${call}`, async () => {
        const bytes = new Uint8Array(await parse(`(module ${imports} ${body})`));
        const machine = await createSuspendingMachine(net);
        const listener = await listen(suspending(net, machine));
        const other = suspending("another machine", await createSuspendingMachine("posix"));
        const memories: Preview1Memory[] = [];
        const options: ModuleOptions = {
          args: [],
          env: [],
          stdin: false,
          stdout: false,
          stderr: false,
          network: { inheritNetwork: false, tcp: false, udp: false, allowIpNameLookup: false, networkErrorCode: false },
          listeners: () => [listener],
          unstable: false,
          invoke: { name: undefined, arguments: () => [], results: () => {} },
          observe: {
            component: (_about, work) => work,
            module(made) {
              memories.push(made.memory);
              return made;
            },
          },
        };
        const running = runModuleSuspended(machine, bytes, options);
        for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setImmediate(resolve));
        const address = ok(listener.localAddress());
        const client = call === "sock_accept" ? await connect(other, address) : undefined;
        memories[0]!.setU32(HAD, 1);
        assert.equal(await running, 0);
        if (client !== undefined) close(other, client);
        for (const { selector } of [machine, other.machine]) selector.close();
      });
    }
  });
}
