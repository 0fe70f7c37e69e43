/** Which calls let queued bytes go on. What they belong to is another socket: its own stream's calls are the core's affair. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HostInstance } from "../../../../src/component/host.ts";
import { ioPoll } from "../../../../src/wasi/p2/io/poll.ts";
import { ioStreams } from "../../../../src/wasi/p2/io/streams.ts";
import { tcp } from "../../../../src/wasi/p2/sockets/tcp.ts";
import { udp } from "../../../../src/wasi/p2/sockets/udp.ts";
import { UdpSocketResource } from "../../../../src/wasi/p2/sockets/udp-socket.ts";
import { context, loopback, ok, until } from "../../../core/sockets/sockets.ts";
import { eachSelector } from "../../../machine.ts";
import { close, connect, listener } from "./sockets.ts";

await eachSelector((name, machine) => {
  const cx = context(machine);
  const instance: HostInstance = { ...tcp(cx), ...udp(cx), ...ioStreams(cx), ...ioPoll(cx) };

  function call(method: string, ...args: readonly unknown[]): void {
    const found = instance[`[method]${method}`];
    assert.ok(typeof found === "function");
    try {
      Reflect.apply(found, undefined, args);
    } catch (error) {
      assert.equal(error, "would-block");
    }
  }

  const { server } = listener(cx);
  const idle = connect(cx);
  const socket = ok(UdpSocketResource.create(cx, "ipv4"));
  ok(socket.startBind(loopback()));
  ok(socket.finishBind());
  const [incoming, outgoing] = ok(socket.stream(undefined));
  const cases: readonly (readonly [method: string, ...args: readonly unknown[]])[] = [
    ["tcp-socket.accept", server],
    ["tcp-socket.local-address", server],
    ["tcp-socket.is-listening", server],
    ["tcp-socket.set-keep-alive-enabled", server, true],
    ["udp-socket.local-address", socket],
    ["incoming-datagram-stream.receive", incoming, 16n],
    ["outgoing-datagram-stream.check-send", outgoing],
    ["input-stream.read", idle.near.input, 100],
    ["input-stream.skip", idle.near.input, 100],
    ["output-stream.splice", idle.near.output, idle.near.input, 100],
    ["pollable.ready", idle.near.output.subscribe(0)],
    ["pollable.ready", idle.near.input.subscribe(0)],
  ];

  describe(`queued bytes over ${name}`, () => {
    for (const [method, ...args] of cases) {
      it(`go on with ${method}`, () => {
        const pairs = [connect(cx), connect(cx)];
        let queued = 0;
        for (const { near } of pairs) {
          for (
            let permit = ok(near.output.stream.checkWrite());
            permit !== 0;
            permit = ok(near.output.stream.checkWrite())
          ) {
            assert.equal(near.output.stream.write(new Uint8Array(65536)), undefined);
            queued += 65536;
          }
        }
        let received = 0;
        until(machine, () => {
          for (const { far } of pairs) received += Number(far.input.stream.read(65536));
          call(method, ...args);
          return received >= queued;
        });
        assert.equal(received, queued);
        for (const pair of pairs) close(pair);
      });
    }
  });
});
