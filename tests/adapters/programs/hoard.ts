import process from "node:process";
import { READABLE } from "../../../src/machine/selector.ts";
import type { TcpHandle } from "../../../src/machine/sockets.ts";
import { blockingWaiter, close, ok, pair, wait } from "../../backends/sockets.ts";
import { createMachine } from "../runtime.ts";

/** Runs out of descriptors (the test sets a low limit), and prints as JSON what each call said meanwhile and afterwards. */

const machine = await createMachine();
const waiter = blockingWaiter(machine);
const { client, server, listener, address } = await pair(waiter);
const waiting = ok(machine.net.createTcpSocket("ipv4"));
waiting.connect(address);
await wait(waiter, listener.source, READABLE);

const hoard: TcpHandle[] = [];
let create = machine.net.createTcpSocket("ipv4");
while (typeof create !== "string") {
  hoard.push(create);
  create = machine.net.createTcpSocket("ipv4");
}
const accept = listener.accept();
const send = client.send(new Uint8Array(3));
await wait(waiter, server.source, READABLE);
const receive = server.receive(10);
for (const socket of hoard) close(waiter, socket);
const later = typeof listener.accept() === "string" ? "refused" : "accepted";

machine.stdio.stdout.send(new TextEncoder().encode(JSON.stringify({ create, accept, send, receive, later })));
process.exit(0);
