/** What functions of WASI 0.2 say of themselves: that they may wait, or that a guest may poll them. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { type HostFunction, mayWait } from "../../../src/component/host.ts";
import { BlockingPoll } from "../../../src/core/wait/poll.ts";
import { createMachine } from "../../../src/library/machine.ts";
import { httpContext } from "../../../src/wasi/component/http.ts";
import { filesystemImports } from "../../../src/wasi/p2/filesystem/imports.ts";
import { httpImports } from "../../../src/wasi/p2/http/imports.ts";
import { basicImports } from "../../../src/wasi/p2/imports.ts";
import { socketsImports } from "../../../src/wasi/p2/sockets/imports.ts";
import { cli, clocks, random } from "../../../src/wasi/p2/types/cli.ts";
import { filesystem } from "../../../src/wasi/p2/types/filesystem.ts";
import { http } from "../../../src/wasi/p2/types/http.ts";
import { io } from "../../../src/wasi/p2/types/io.ts";
import { sockets } from "../../../src/wasi/p2/types/sockets.ts";
import { isFunction } from "../../../src/wasi/types/table.ts";
import { p2 } from "../../../src/wasi/versions.ts";
import { polledOf } from "../../../src/wasi/waits.ts";
import { hostOf } from "../p3/host.ts";

const machine = await createMachine();
const poll = new BlockingPoll(machine);
after(() => {
  poll.closeAll();
  machine.selector.close();
});
const host = hostOf({ machine, poll });
const imports = {
  ...basicImports(host),
  ...socketsImports(host),
  ...filesystemImports(host),
  ...httpImports({ ...httpContext(host, undefined), maxFieldsSize: 1024 }),
};

/** Those whose names do not say that they wait: a bind that another thread makes, a fifo that is opened. */
const waitsToo: ReadonlySet<string> = new Set([
  "[method]tcp-socket.start-bind",
  "[method]udp-socket.start-bind",
  "[method]descriptor.open-at",
]);

/** Of what can be waited for (`subscribe`), the methods that always do what they are asked for, whatever the network does. */
const immediate =
  /\.(subscribe|start-\w+|stream|shutdown|flush|write|write-zeroes|send|is-listening|address-family|(local|remote)-address|(set-)?(keep-alive-\w+(-\w+)?|(unicast-)?hop-limit|\w+-buffer-size)|set-listen-backlog-size)$/;

const functions = [io, clocks, random, cli, filesystem, sockets, http].flatMap((table) =>
  Object.entries(table).flatMap(([name, items]) =>
    Object.entries(items)
      .filter(([, text]) => isFunction(text))
      .map(([item]) => {
        const resource = /^\[method\]([\w-]+)\./.exec(item)?.[1];
        const ready = resource === "pollable" || `[method]${resource}.subscribe` in items;
        return { name, item, ready };
      }),
  ),
);

function functionOf(name: string, item: string): HostFunction {
  const instance = imports[p2(name)];
  assert.ok(typeof instance === "object", name);
  const found = instance[item];
  assert.equal(typeof found, "function", `${name} ${item}`);
  return found as HostFunction;
}

describe("functions of WASI 0.2 that may wait", () => {
  for (const { name, item, ready } of functions) {
    const imported = imports[p2(name)];
    if (typeof imported !== "object" || imported[item] === undefined) continue;
    const waits = /\.block(ing-[\w-]+)?$/.test(item) || item === "poll" || waitsToo.has(item);
    const polls = !waits && ready && !immediate.test(item);
    it(`${name} ${item} ${waits ? "waits" : polls ? "is polled" : "does neither"}`, () => {
      const method = functionOf(name, item);
      assert.equal(method[mayWait] === true, waits);
      assert.equal(polledOf(method) !== undefined, polls);
    });
  }

  it("are all there", () => {
    const missing = functions.filter(({ name, item }) => {
      const imported = imports[p2(name)];
      return typeof imported !== "object" || imported[item] === undefined;
    });
    assert.deepEqual(
      missing.map(({ item }) => item),
      ["run", "network-error-code"],
    );
  });
});
