/**
 * Look-ups of names whose server is there and does not answer. Its arguments: how many guests make them, and on which machine.
 * Says what another machine finds.
 */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readdirSync, writeSync } from "node:fs";
import process from "node:process";
import { Condition } from "../../../src/core/wait/condition.ts";
import { BlockingPoll, type Poll } from "../../../src/core/wait/poll.ts";
import { SuspendingPoll } from "../../../src/core/wait/suspending-poll.ts";
import { createMachine, createSuspendingMachine } from "../../../src/library/machine.ts";
import type { Machine } from "../../../src/machine/machine.ts";
import { READABLE } from "../../../src/machine/selector.ts";

const [guests, wait, net] = process.argv.slice(2);

async function open(): Promise<[machine: Machine, poll: Poll]> {
  if (wait === "blocking") {
    const machine = await createMachine();
    return [machine, new BlockingPoll(machine)];
  }
  const machine = await createSuspendingMachine(net === "evented" ? net : "posix");
  return [machine, new SuspendingPoll(machine)];
}

async function localhost(): Promise<unknown> {
  const [{ net, selector }, poll] = await open();
  const lookup = net.lookup("localhost");
  if (typeof lookup === "string") return lookup;
  poll.opened(lookup);
  await poll.block(Condition.source(lookup.source, READABLE));
  const addresses = lookup.addresses();
  poll.closeAll();
  selector.close();
  return typeof addresses === "string" ? addresses : addresses.length > 0;
}

const silent = createSocket("udp4").bind(53, "127.0.0.1");
await once(silent, "listening");
const first = await localhost();
const before = readdirSync("/proc/self/fd").length;
for (let guest = 0; guest < Number(guests); guest++) {
  const [{ net: sockets, selector }, poll] = await open();
  for (let i = 0; i < 200; i++) {
    const lookup = sockets.lookup(`name-${i}.example`);
    if (typeof lookup === "string") throw new Error(lookup);
    poll.opened(lookup);
  }
  poll.closeAll();
  selector.close();
}
const left = readdirSync("/proc/self/fd").length - before;
writeSync(1, JSON.stringify({ first, second: await localhost(), left }));
// Node would join the threads that look names up.
process.kill(process.pid, "SIGKILL");
