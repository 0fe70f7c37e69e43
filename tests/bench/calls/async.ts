/**
 * Measures component model async in a process of its own, with no kernel in it: `async.ts FOLDER`, FOLDER being what build.ts
 * filled. Prints the ns that each takes, as one line of JSON:
 *
 * - `context`: a `context.set` and a `context.get`
 * - `request`: a request of 64 B that is read and written again by a callback, as Rust's bindings do it: one turn of the callback,
 *   one read that has to wait, one write, two joins, two sets and a get of the context. What is read is always there, in a look
 *   at the host's streams; what is written is always taken.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import type { HostImports } from "../../../src/component/host.ts";
import { asyncSupport } from "../../../src/component/link/async-support.ts";
import { CompiledComponent } from "../../../src/component/link/compiled.ts";
import { instantiateComponent } from "../../../src/component/link/instantiate.ts";
import type { ByteConsumer, ByteProducer, ReadableBytes } from "../../../src/component/streams.ts";
import { Condition } from "../../../src/core/wait/condition.ts";
import { BlockingPoll } from "../../../src/core/wait/poll.ts";
import { createUnsupportedMachine } from "../../../src/machine/unsupported.ts";
import { asyncFile } from "./async-guest.ts";

const machine = createUnsupportedMachine();

const producer: ByteProducer = {
  buffer: machine.buffer,
  readiness: Condition.ready(),
  produce: (max) => Math.min(max, 64),
  drop() {},
};

const taken = { bytes: 0 };
const consumer: ByteConsumer = {
  readiness: Condition.ready(),
  consume(_bytes, start, end) {
    taken.bytes += end - start;
    return end - start;
  },
  end() {},
};

const imports = {
  receive: () => producer,
  send: (bytes: ReadableBytes) => bytes.pipe(consumer),
} as HostImports;

/**
 * Doubles the number of rounds until they take `enough` ms of the processor's time, which also makes the code hot. Returns the ns of
 * one: nothing is waited for, and others on the machine do not count.
 */
function measure(loop: (n: number) => unknown, enough: number): number {
  for (let n = 1000; ; n *= 2) {
    const before = process.cpuUsage();
    loop(n);
    const { user, system } = process.cpuUsage(before);
    if (user + system >= enough * 1000) return ((user + system) * 1000) / n;
  }
}

const bytes = new Uint8Array(readFileSync(join(process.argv[2] ?? "", asyncFile)));
const { exports } = instantiateComponent(new CompiledComponent(parseComponent(bytes), { asyncSupport }), imports, {
  poll: new BlockingPoll(machine),
});
const { context, request } = exports as Record<"context" | "request", (n: number) => unknown>;
console.log(JSON.stringify({ context: measure(context, 100), request: measure(request, 500) }));
