import assert from "node:assert/strict";
import { it } from "node:test";
import type { Ffi } from "../../src/adapters/posix/libc/ffi.ts";
import type { Platform } from "../../src/adapters/posix/libc/platform.ts";
import { createPosixMachine } from "../../src/adapters/posix/machine.ts";
import { READABLE } from "../../src/machine/selector.ts";
import { blocking } from "../backends/backend.ts";
import { close, ok, wait } from "../backends/sockets.ts";
import { runtime } from "./runtime.ts";

/** Look-ups that are dropped at once: what glibc is left with. It frees what it keeps of a request when that is over. */

/** <netdb.h> */
const EAI_INPROGRESS = -100;
/** glibc's threads. */
const THREADS = 20;

const { platform }: { platform(): Platform } = await import(`../../src/adapters/${runtime}.ts`);
const { ffi, os } = platform();

/** Requests that glibc was given and has not said to be over. */
let outstanding = 0;
let most = 0;

const calls: Readonly<Record<string | symbol, (result: unknown) => void>> = {
  getaddrinfo_a: (result) => {
    if (result === 0) most = Math.max(most, ++outstanding);
  },
  gai_error: (result) => {
    if (result !== EAI_INPROGRESS) outstanding--;
  },
};

/** The same functions, with an eye on what they return. */
const watched: Ffi = {
  ...ffi,
  open: (libraries, table) =>
    new Proxy(ffi.open(libraries, table), {
      get(target, name) {
        const call = Reflect.get(target, name);
        const seen = calls[name];
        if (seen === undefined) return call;
        return (...args: unknown[]) => {
          const result: unknown = Reflect.apply(call, target, args);
          seen(result);
          return result;
        };
      },
    }),
};

it("10,000 look-ups that are dropped at once leave nothing in glibc", async () => {
  for (let guest = 0; guest < 10; guest++) {
    const machine = await createPosixMachine({ ffi: watched, os }, { resolver: "async" });
    const backend = blocking("posix", machine);
    for (let i = 0; i < 1000; i++) close(backend, ok(machine.net.lookup("localhost")));
    backend.poll.closeAll();
    machine.selector.close();
  }
  assert.ok(most > 0 && most <= THREADS, `${most} at once`);

  const backend = blocking("posix", await createPosixMachine({ ffi: watched, os }, { resolver: "async" }));
  while (outstanding > 0) {
    const last = ok(backend.machine.net.lookup("localhost"));
    await wait(backend, last.source, READABLE);
    last.addresses();
    close(backend, last);
  }
});
