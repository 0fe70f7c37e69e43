/** What poll_oneoff remembers of a list between calls is never what a number stood for before. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { READABLE } from "../../src/adapters/contract.ts";
import { OpenFiles } from "../../src/core/open-files.ts";
import { BlockingPoll } from "../../src/core/poll.ts";
import { eventtype } from "../../src/preview1/constants.ts";
import { openPreview1 } from "../../src/preview1/imports.ts";
import { preview1Layout } from "../../src/preview1/layout.ts";
import { blockingWaiter, close, connect, encode, listen, ok, sendAll, wait } from "../backends/sockets.ts";
import { createMachine } from "../machine.ts";
import { forwarder } from "./hostile.ts";

const RESULT = 16;
const SUBSCRIPTIONS = 1024;
const EVENTS = 8192;

const machine = await createMachine();
const module = new WebAssembly.Module(await forwarder());

it("a number that was closed and given out again, outside the list and back in it", async () => {
  const waiter = blockingWaiter(machine);
  const listener = await listen(waiter);
  const { modules, memory } = openPreview1(machine, new BlockingPoll(machine), {
    args: [],
    env: [],
    stdin: false,
    stdout: false,
    stderr: false,
    listeners: [listener],
    preopens: [],
    openFiles: new OpenFiles(),
    unstable: false,
  })();
  const { exports } = new WebAssembly.Instance(module, modules);
  memory.attach(exports["memory"] as WebAssembly.Memory);
  const call = (name: string, ...args: readonly (number | bigint)[]) =>
    (exports[name] as (...args: readonly (number | bigint)[]) => number)(...args);

  /** The descriptors of a list, waited for to be readable, that are. */
  const poll = (...fds: readonly number[]): number[] => {
    const { subscription } = preview1Layout;
    for (const [i, fd] of fds.entries()) {
      const at = SUBSCRIPTIONS + i * subscription.size;
      memory.view.setUint32(at + subscription.userdata, fd, true);
      memory.view.setUint8(at + subscription.tag, eventtype.fdRead);
      memory.view.setUint32(at + subscription.fd, fd, true);
    }
    assert.equal(call("poll_oneoff", SUBSCRIPTIONS, EVENTS, fds.length, RESULT), 0);
    return Array.from({ length: memory.view.getUint32(RESULT, true) }, (_, i) =>
      memory.view.getUint32(EVENTS + i * 32, true),
    );
  };
  const accept = async () => {
    const client = await connect(waiter, ok(listener.localAddress()));
    await wait(waiter, listener.source, READABLE);
    assert.equal(call("sock_accept", 3, 4, RESULT), 0);
    await sendAll(waiter, client, encode("x"));
    return { client, fd: memory.view.getUint32(RESULT, true) };
  };

  const first = await accept();
  const other = await accept();
  assert.deepEqual(poll(3, first.fd), [first.fd]);
  assert.equal(call("fd_close", first.fd), 0);
  const second = await accept();
  assert.equal(second.fd, first.fd);
  assert.deepEqual(poll(other.fd), [other.fd]);
  assert.deepEqual(poll(3, second.fd), [second.fd]);

  for (const fd of [3, second.fd, other.fd]) assert.equal(call("fd_close", fd), 0);
  for (const { client } of [first, other, second]) close(waiter, client);
});
