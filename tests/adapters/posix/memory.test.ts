/** Native memory is never given back to libc: a machine that is closed leaves its own to the next one. */
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { describe, it } from "node:test";
import type { Platform } from "../../../src/adapters/posix/libc/platform.ts";
import type { Functions } from "../../../src/adapters/posix/libc/symbols.ts";
import { createPosixMachine, type MachineOptions } from "../../../src/adapters/posix/machine.ts";
import { Condition } from "../../../src/core/wait/condition.ts";
import { BlockingPoll } from "../../../src/core/wait/poll.ts";
import type { Machine } from "../../../src/machine/machine.ts";
import { READABLE } from "../../../src/machine/selector.ts";
import { blocking } from "../../backends/backend.ts";
import { pair } from "../../backends/sockets.ts";
import { runtime } from "../runtime.ts";

const adapter: { platform(): Platform } = await import(`../../../src/adapters/${runtime}.ts`);
let made = 0;

/** This system's libc, of which is counted what is made of it for good: functions, and views of its memory. */
function counted(): Platform {
  const { ffi, os } = adapter.platform();
  return {
    os,
    ffi: {
      ...ffi,
      open(libraries, table): Functions<typeof table> {
        made++;
        return ffi.open(libraries, table);
      },
      view(pointer, length) {
        made++;
        return ffi.view(pointer, length);
      },
    },
  };
}

const open = (options?: MachineOptions): Promise<Machine> => createPosixMachine(counted(), options);

/** One of everything that a machine has. */
async function use(machine: Machine): Promise<void> {
  const { net, files, stdio, wallClock, selector } = machine;
  const poll = new BlockingPoll(machine);
  machine.now();
  wallClock.now();
  stdio.isTerminal(0);
  (await pair(blocking("", machine))).close();
  const udp = net.createUdpSocket("ipv4");
  const directory = files.openDirectory(tmpdir());
  const lookup = net.lookup("localhost");
  if (typeof udp === "string" || "errno" in directory || typeof lookup === "string")
    throw new Error("a machine without sockets, files or look-ups");
  poll.opened(lookup);
  poll.opened(udp);
  poll.block(Condition.source(lookup.source, READABLE));
  assert.notEqual(lookup.addresses(), "would-block");
  directory.statAt(".", true);
  directory.close();
  poll.closeAll();
  selector.close();
}

describe("what machines leave behind", () => {
  const machines: readonly MachineOptions[] = [{}, { selector: "poll" }, { resolver: "blocking" }];
  for (const options of machines) {
    it(`is nothing that grows with them: ${JSON.stringify(options)}`, async () => {
      await use(await open(options));
      const before = made;
      for (let i = 0; i < 20; i++) await use(await open(options));
      assert.equal(made, before);
    });
  }

  it("is the next one's, zeroed, and two that are open share none", async () => {
    const [first, second] = [await open(), await open()];
    assert.notEqual(first.buffer.buffer, second.buffer.buffer);
    first.buffer.fill(1);
    second.buffer.fill(2);
    assert.equal(first.buffer[0], 1);
    first.selector.close();
    const third = await open();
    assert.deepEqual(third.buffer, new Uint8Array(65536));
    assert.notEqual(third.buffer.buffer, second.buffer.buffer);
    assert.equal(second.buffer[0], 2);
    for (const { selector } of [second, third]) selector.close();
  });
});
