import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { closedInputStream } from "../../../src/core/streams/input-stream.ts";
import { discardingOutputStream } from "../../../src/core/streams/output-stream.ts";
import { OperationError } from "../../../src/core/streams/stream-error.ts";
import { Condition } from "../../../src/core/wait/condition.ts";
import { eachSelector } from "../../machine.ts";
import { close, closeEnd, connect, context, ok, type Pair, until } from "../sockets/sockets.ts";

await eachSelector((name, machine) => {
  const cx = context(machine);
  const { poll } = cx;

  /**
   * Writes until the kernel takes no more and something is queued. Answers how many bytes were accepted. Full is not full for
   * good: on a busy machine the kernel moves what it took to the receiver's buffer later, and has room again.
   */
  function fill({ near }: Pair): number {
    let accepted = 0;
    const chunk = new Uint8Array(65536);
    do {
      for (let permit = ok(near.output.checkWrite()); permit !== 0; permit = ok(near.output.checkWrite())) {
        chunk.forEach((_, i) => {
          chunk[i] = (accepted + i) % 251;
        });
        assert.equal(near.output.write(chunk), undefined);
        accepted += chunk.length;
      }
    } while (poll.look(near.output.readiness));
    return accepted;
  }

  /** Reads to the end of the stream, checking each byte against what `fill` wrote. */
  function drain({ far }: Pair): number {
    let total = 0;
    for (;;) {
      const read = poll.run(far.input.blockingRead(65536));
      if (read === "closed") return total;
      assert.ok(typeof read === "number", String(read));
      for (let i = 0; i < read; i++) assert.equal(machine.buffer[i], (total + i) % 251);
      total += read;
    }
  }

  describe(`streams of sockets over ${name}`, () => {
    it("a write without a permit, over it, or after it was used, traps", () => {
      const pair = connect(cx);
      const { output } = pair.near;
      assert.throws(() => output.write(new Uint8Array(1)), /^Trap: not permitted to write 1 bytes$/);
      assert.equal(output.checkWrite(), 65536);
      assert.throws(() => output.write(new Uint8Array(65537)), /not permitted to write 65537 bytes/);
      assert.equal(output.write(new Uint8Array(0)), undefined, "an empty write keeps the permit");
      assert.equal(output.write(new Uint8Array(10)), undefined);
      assert.throws(() => output.write(new Uint8Array(1)), /not permitted/);
      close(pair);
    });

    it("keeps at most one permit for a slow reader, waits for it elsewhere, and loses nothing", () => {
      const pair = connect(cx);
      const accepted = fill(pair);
      assert.throws(() => pair.near.output.write(new Uint8Array(0)), /not permitted to write 0 bytes/);
      pair.client.shutdown("send");
      // The queue drains while the guest waits for the other end only.
      assert.equal(drain(pair), accepted);
      assert.equal(pair.near.output.checkWrite(), "closed");
      close(pair);
    });

    it("drains while the guest waits for a timer only", () => {
      const pair = connect(cx);
      const accepted = fill(pair);
      let read = 0;
      until(machine, () => {
        const got = pair.far.input.read(65536);
        assert.ok(typeof got === "number");
        read += got;
        poll.block(Condition.timer(machine.now() + 1e5));
        return read === accepted;
      });
      assert.equal(pair.near.output.checkWrite(), 65536);
      close(pair);
    });

    it("reading tells nothing yet, data, the end", () => {
      const pair = connect(cx);
      assert.equal(pair.far.input.read(10), 0);
      ok(pair.near.output.checkWrite());
      pair.near.output.write(new Uint8Array([1, 2, 3]));
      pair.client.shutdown("send");
      assert.equal(poll.run(pair.far.input.blockingRead(2)), 2);
      assert.deepEqual([...machine.buffer.subarray(0, 2)], [1, 2]);
      assert.equal(pair.far.input.read(0), 0);
      assert.equal(poll.run(pair.far.input.blockingRead(10)), 1);
      assert.equal(poll.run(pair.far.input.blockingRead(10)), "closed");
      assert.deepEqual([pair.far.input.read(10), pair.far.input.read(0)], ["closed", "closed"]);
      assert.equal(poll.look(pair.far.input.readiness), true);
      close(pair);
    });

    it("a peer that dropped its end: the end of the stream, then a write fails, then the stream is closed", () => {
      const pair = connect(cx);
      closeEnd(pair.client, pair.near);
      assert.equal(poll.run(pair.far.input.blockingRead(10)), "closed");
      let failure: unknown;
      while (failure === undefined) failure = poll.run(pair.far.output.blockingWriteAndFlush(new Uint8Array(1)));
      assert.ok(failure === "closed" || failure instanceof OperationError);
      assert.deepEqual([pair.far.output.checkWrite(), pair.far.output.flush()], ["closed", "closed"]);
      closeEnd(pair.peer, pair.far);
    });

    it("an error says what it is", () => {
      assert.equal(new OperationError("connection-reset").toDebugString(), "connection-reset (error 15)");
      assert.equal(
        new OperationError({ errno: 21, code: "is-directory", message: "Is a directory" }).toDebugString(),
        "Is a directory (os error 21)",
      );
    });

    it("shutdown(receive) ends the input at once, data or not", () => {
      const pair = connect(cx);
      ok(pair.near.output.checkWrite());
      pair.near.output.write(new Uint8Array(10));
      poll.block(pair.far.input.readiness);
      assert.equal(pair.peer.shutdown("receive"), undefined);
      assert.equal(pair.far.input.read(10), "closed");
      close(pair);
    });

    it("blocking-write-and-flush takes 4096 bytes and no more", () => {
      const pair = connect(cx);
      assert.equal(poll.run(pair.near.output.blockingWriteAndFlush(new Uint8Array(4096))), undefined);
      assert.throws(
        () => poll.run(pair.near.output.blockingWriteAndFlush(new Uint8Array(4097))),
        /Buffer too large for blocking-write-and-flush \(expected at most 4096\)/,
      );
      assert.throws(
        () => poll.run(pair.near.output.blockingWriteZeroesAndFlush(4097)),
        /Buffer too large for blocking-write-zeroes-and-flush \(expected at most 4096\)/,
      );
      close(pair);
    });

    it("write-zeroes asks for its own permit", () => {
      const pair = connect(cx);
      assert.equal(pair.near.output.writeZeroes(65536), undefined);
      assert.throws(() => pair.near.output.writeZeroes(65537), /cannot write more zeroes than `check_write` allows/);
      close(pair);
    });

    it("splice moves what is there", () => {
      const from = connect(cx);
      const to = connect(cx);
      assert.equal(to.near.output.splice(from.far.input, 100, machine.buffer), 0);
      ok(from.near.output.checkWrite());
      from.near.output.write(new Uint8Array([7, 8, 9]));
      from.client.shutdown("send");
      assert.equal(poll.run(to.near.output.blockingSplice(from.far.input, 2, machine.buffer)), 2);
      assert.equal(poll.run(to.far.input.blockingRead(10)), 2);
      assert.deepEqual([...machine.buffer.subarray(0, 2)], [7, 8]);
      assert.equal(poll.run(to.near.output.blockingSplice(from.far.input, 10, machine.buffer)), 1);
      assert.equal(poll.run(to.near.output.blockingSplice(from.far.input, 10, machine.buffer)), "closed");
      close(from);
      close(to);
    });
  });

  describe("streams that are not there", () => {
    it("stdin that is not inherited is closed, even for nothing", () => {
      const stream = closedInputStream();
      assert.deepEqual([stream.read(0), stream.read(1)], ["closed", "closed"]);
      assert.equal(poll.look(stream.readiness), true);
    });

    it("stdout that is not inherited takes everything", () => {
      const stream = discardingOutputStream(poll);
      assert.equal(stream.checkWrite(), Number.POSITIVE_INFINITY);
      assert.equal(stream.write(new Uint8Array(1 << 20)), undefined);
      assert.equal(stream.writeZeroes(Number.POSITIVE_INFINITY), undefined, "at once, however many");
    });
  });
});
