import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ErrorCodes } from "../../../src/adapters/posix/libc/errno.ts";
import { linux } from "../../../src/adapters/posix/libc/linux.ts";
import { macos } from "../../../src/adapters/posix/libc/macos.ts";
import { errorCodes } from "../../../src/machine/error-code.ts";
import { blockingWaiter, close, loopback, ok, pair } from "../../backends/sockets.ts";
import { createMachine } from "../runtime.ts";

describe("errno", () => {
  for (const [name, os] of Object.entries({ linux: linux("x64"), macos })) {
    it(`maps every errno of ${name} to an error-code`, () => {
      const codes = new ErrorCodes(os.errno);
      for (const number of Object.values(os.errno)) assert.ok(errorCodes.includes(codes.of(-number)));
      assert.equal(codes.of(-os.errno.EMFILE), "new-socket-limit");
      assert.equal(codes.of(-os.errno.EAGAIN), "would-block");
      assert.equal(codes.of(-os.errno.EPIPE), "unknown");
      assert.equal(codes.of(-12345), "unknown");
    });

    it(`rewrites what bind, connect and accept of ${name} answer`, () => {
      const codes = new ErrorCodes(os.errno);
      assert.equal(codes.of(-os.errno.EAFNOSUPPORT), "not-supported");
      assert.equal(codes.ofAddressCall(-os.errno.EAFNOSUPPORT), "invalid-argument");
      assert.equal(codes.ofAddressCall(-os.errno.EADDRINUSE), "address-in-use");
      assert.equal(codes.ofAccept(-os.errno.EPROTO), "connection-aborted");
      assert.equal(codes.ofAccept(-os.errno.ENETDOWN), "connection-aborted");
      assert.equal(codes.ofAccept(-os.errno.EMFILE), "new-socket-limit");
      assert.equal(codes.ofAccept(-os.errno.EAGAIN), "would-block");
    });
  }

  it("is that of the call just made, 100,000 times, however busy the heap", async () => {
    const machine = await createMachine();
    const waiter = blockingWaiter(machine);
    const { client, listener, address, close: closePair } = await pair(waiter);
    const idle = ok(machine.net.createTcpSocket("ipv4"));
    const failing = [
      { call: () => client.receive(1), code: "would-block" },
      { call: () => idle.receive(1), code: "invalid-state" },
      { call: () => idle.bind(address), code: "address-in-use" },
      { call: () => idle.bind(loopback("ipv6")), code: "invalid-argument" },
      { call: () => listener.accept(), code: "would-block" },
      { call: () => idle.remoteAddress(), code: "invalid-state" },
      { call: () => client.setOption("keep-alive-count", 100_000), code: "invalid-argument" },
      { call: () => client.shutdown("send") ?? client.send(new Uint8Array(1)), code: "broken-pipe" },
    ];
    let garbage: unknown[] = [];
    let wrong = 0;
    for (let i = 0; i < 100_000; i++) {
      const { call, code } = failing[i % failing.length]!;
      garbage.push({ text: `number ${i}`, list: new Array(i % 50).fill(i) }, new Uint8Array(i % 3000));
      if (call() !== code) wrong++;
      if (garbage.length > 5000) garbage = [];
    }
    assert.equal(wrong, 0);
    close(waiter, idle);
    closePair();
  });
});
