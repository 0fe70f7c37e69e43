/**
 * Two registries in one process, as two guests have them: one with a list of idle connections, the other echoing on one. Prints
 * the us that a poll of the former takes as one line of JSON: with a message of the latter between any two, and with the same
 * system calls in its place that pass by its registry, so that what the processor's caches forget counts for both.
 */
import { Condition } from "../../../src/core/wait/condition.ts";
import { BlockingPoll } from "../../../src/core/wait/poll.ts";
import { PollList } from "../../../src/core/wait/poll-list.ts";
import { createMachine } from "../../../src/library/machine.ts";
import type { IpSocketAddress } from "../../../src/machine/address.ts";
import type { ErrorCode } from "../../../src/machine/error-code.ts";
import type { Machine } from "../../../src/machine/machine.ts";
import { READABLE } from "../../../src/machine/selector.ts";
import type { TcpHandle } from "../../../src/machine/sockets.ts";

const [idle = "4000", rounds = "20000"] = process.argv.slice(2);
const loopback: IpSocketAddress = { tag: "ipv4", val: { address: [127, 0, 0, 1], port: 0 } };

/** A guest's part of the process: connections, each with its client. */
class Guest {
  readonly machine: Machine;
  readonly poll: BlockingPoll;
  readonly connections: { readonly server: TcpHandle; readonly client: TcpHandle }[] = [];
  readonly #listener: TcpHandle;

  constructor(machine: Machine) {
    this.machine = machine;
    this.poll = new BlockingPoll(machine);
    this.#listener = done(machine.net.createTcpSocket("ipv4"));
    done(this.#listener.bind(loopback));
    done(this.#listener.listen(128));
    this.poll.opened(this.#listener);
  }

  connect(): void {
    const client = done(this.machine.net.createTcpSocket("ipv4"));
    const outcome = client.connect(done(this.#listener.localAddress()));
    if (outcome !== "would-block") done(outcome);
    this.poll.block(Condition.source(this.#listener.source, READABLE));
    const server = done(this.#listener.accept());
    for (const handle of [client, server]) this.poll.opened(handle);
    this.connections.push({ server, client });
  }

  /** All its connections' readability, and what else is given. */
  list(...others: Condition[]): PollList {
    return PollList.of(...this.connections.map(({ server }) => Condition.source(server.source, READABLE)), ...others);
  }
}

function done<T>(result: T | ErrorCode): T {
  if (typeof result === "string") throw new Error(result);
  return result as T;
}

const guests = [new Guest(await createMachine()), new Guest(await createMachine())] as const;
const [quiet, busy] = guests;
for (let i = 0; i < Number(idle); i++) quiet.connect();
busy.connect();
// A clock that is due, so that no poll sleeps.
const quietList = quiet.list(Condition.timer(0));
const busyList = busy.list();
const message = new Uint8Array(64);

function echo(wait: () => void): void {
  const { server, client } = busy.connections[0]!;
  done(client.send(message));
  wait();
  done(server.receive(65536));
}

const registered = (): void => echo(() => busy.poll.poll(busyList));
const unregistered = (): void => echo(() => busy.machine.selector.select(Infinity));

const samples = new Float64Array(Number(rounds));

/** The us of a poll, with `between` before each. */
function measure(between: () => void): number {
  for (let i = 0; i < samples.length; i++) {
    between();
    const start = process.hrtime.bigint();
    quiet.poll.poll(quietList);
    samples[i] = Number(process.hrtime.bigint() - start);
  }
  return median(samples) / 1000;
}

function median(values: Float64Array): number {
  return values.sort()[values.length >> 1]!;
}

for (let warm = 0; warm < 2; warm++) for (const between of [registered, unregistered]) measure(between);
const alone = new Float64Array(5);
const beside = new Float64Array(5);
for (let i = 0; i < 5; i++) {
  alone[i] = measure(unregistered);
  beside[i] = measure(registered);
}
console.log(JSON.stringify({ measured: median(beside), beside: median(alone) }));
for (const { poll, machine } of guests) {
  poll.closeAll();
  machine.selector.close();
}
