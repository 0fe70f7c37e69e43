/**
 * `served-requests FILE COUNT`: what a request to a served component takes without sockets and HTTP: its instance, if it needs one,
 * the call of its handler, and a response that goes nowhere. Prints the mean CPU time of a request, us, as one line of JSON.
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import { CompiledComponent } from "../../../src/component/link/compiled.ts";
import { loadAsyncSupport } from "../../../src/component/link/load-async-support.ts";
import { resetting } from "../../../src/component/link/resetting.ts";
import { suspending } from "../../../src/component/link/suspending.ts";
import type { BodySender, ServedRequest } from "../../../src/core/http/message.ts";
import { Condition } from "../../../src/core/wait/condition.ts";
import { SuspendingPoll } from "../../../src/core/wait/suspending-poll.ts";
import { createSuspendingMachine } from "../../../src/library/machine.ts";
import { instanceMaker } from "../../../src/run/serve/handlers.ts";
import { InstancePool } from "../../../src/run/serve/instance-pool.ts";
import { LogStream } from "../../../src/run/serve/log-stream.ts";
import { Guests } from "../../../src/run/serve/served-guest.ts";
import type { Service } from "../../../src/run/serve/service.ts";
import { loadHttp } from "../../../src/wasi/component/http.ts";
import { loadPackages, loadPolicy } from "../../../src/wasi/component/packages.ts";
import { wantedBy } from "../../../src/wasi/interfaces.ts";
import { P3_TRACK } from "../../../src/wasi/versions.ts";
import { handlerOf } from "../../../src/wasi/worlds.ts";

/** A GET without a body. */
class Asked implements ServedRequest {
  readonly head = {
    method: "GET",
    path: "/hello-length",
    authority: "127.0.0.1:8080",
    scheme: undefined,
    minor: 1,
    headers: [["host", new Uint8Array(14)] as const],
  };
  readonly gone = Condition.ready();
  readonly finished = Condition.ready();
  readonly over = true;
  readonly error = undefined;
  readonly trailers = undefined;
  responded = false;
  complete = false;
  #body: BodySender | undefined;
  readonly #done: () => void;

  constructor(done: () => void) {
    this.#done = done;
  }

  now(): number {
    return 0;
  }
  look(): void {}
  read(): void {}
  receive(): number {
    return 0;
  }
  discard(): void {}
  cancel(): void {}
  inform(): void {}
  respond(_status: number, _headers: unknown, body: BodySender | undefined): void {
    this.responded = true;
    this.#body = body;
  }
  write(): void {
    this.#body?.sent();
  }
  finish(): void {
    this.complete = true;
    this.#body?.sent();
    this.#done();
  }
  abort(): void {
    throw new Error("a response was broken off");
  }
}

const [file = "", count = "2000"] = process.argv.slice(2);
const parsed = parseComponent(new Uint8Array(readFileSync(file)));
const asyncSupport = await loadAsyncSupport(parsed);
const component = new CompiledComponent(parsed, { suspending, asyncSupport, resetting });
const handler = handlerOf(parsed.type.exports.keys());
if (handler === undefined) throw new Error(`${file} serves nothing`);
const machine = await createSuspendingMachine();
const poll = new SuspendingPoll(machine);
const network = {
  inheritNetwork: false,
  tcp: undefined,
  udp: undefined,
  allowIpNameLookup: false,
  networkErrorCode: false,
};
const service: Service = {
  machine,
  poll,
  component,
  options: {
    args: [],
    env: [],
    stdin: false,
    stdout: true,
    stderr: true,
    network,
    packages: [...(await loadPackages(parsed.type)), await loadHttp(machine, parsed.type)],
    policyOf: await loadPolicy(true),
    wanted: wantedBy(parsed.type),
  },
  handler: handler.name,
  requestHeaders: [],
  maxFieldsSize: 131_072,
  stdout: new LogStream(poll, machine.stdio.stdout),
  stderr: new LogStream(poll, machine.stdio.stderr),
  prefixes: true,
  patience: undefined,
  busy: undefined,
};
const make = await instanceMaker(handler);
const guests = new Guests(service);
let made = 0;
const isP3 = handler.track === P3_TRACK;
const pool = new InstancePool(poll, {
  maxRequests: 1000,
  maxReuse: isP3 ? 128 : 1,
  maxConcurrentReuse: isP3 ? 16 : 1,
  idleTimeout: 1e9,
  requestTimeout: Number.POSITIVE_INFINITY,
  make: () => make(guests, made++),
  failed: (_, error) => {
    throw error;
  },
  failedAfterwards: (error) => {
    throw error;
  },
});

/** So many at a time. */
async function requests(total: number): Promise<void> {
  const AT_ONCE = 16;
  for (let left = total; left > 0; left -= AT_ONCE)
    await Promise.all(
      Array.from({ length: AT_ONCE }, () => new Promise<void>((resolve) => pool.handle(new Asked(resolve)))),
    );
}

await requests(Number(count));
const before = process.cpuUsage();
await requests(Number(count));
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ us: (user + system) / Number(count), instances: made }));
await pool.drain();
poll.closeAll();
machine.selector.close();
process.exit(0);
