import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ByteProducer, HostFuture } from "../../../src/component/streams.ts";
import { type Bytes, InputStream } from "../../../src/core/streams/input-stream.ts";
import { OutputStream, STDIO_PERMIT } from "../../../src/core/streams/output-stream.ts";
import { Condition } from "../../../src/core/wait/condition.ts";
import { Exit } from "../../../src/core/wait/errors.ts";
import type { IoError } from "../../../src/machine/files.ts";
import type { ByteSink } from "../../../src/machine/streams.ts";
import { basicImports } from "../../../src/wasi/p3/imports.ts";
import { failure, type StreamResult, success } from "../../../src/wasi/stream-result.ts";
import { callOf, decode, eachSetting, encode, hostOf, read, resolved, settled, together, Writer } from "./host.ts";

const ioError: IoError = { errno: 5, message: "Input/output error", code: "io" };

await eachSetting((setting) => {
  const { machine, poll } = setting;

  describe(`wasi:cli 0.3 on ${setting.name}`, () => {
    it("the environment is the guest's, in its order", () => {
      const env = [
        ["B", "1"],
        ["A", "2"],
        ["B", "3"],
      ] as const;
      const call = callOf(basicImports(hostOf(setting, { env, args: ["me", ""], cwd: "/there" })));
      assert.deepEqual(call("wasi:cli/environment", "get-environment"), env);
      assert.deepEqual(call("wasi:cli/environment", "get-arguments"), ["me", ""]);
      assert.equal(call("wasi:cli/environment", "get-initial-cwd"), "/there");
      assert.equal(callOf(basicImports(hostOf(setting)))("wasi:cli/environment", "get-initial-cwd"), undefined);
    });

    const exits: readonly (readonly [string, unknown, number])[] = [
      ["exit", { tag: "ok", val: undefined }, 0],
      ["exit", { tag: "err", val: undefined }, 1],
      ["exit-with-code", 0, 0],
      ["exit-with-code", 77, 77],
      ["exit-with-code", 255, 255],
    ];
    for (const [item, argument, code] of exits)
      it(`${item}(${JSON.stringify(argument)}) ends the guest with ${code}`, () => {
        const call = callOf(basicImports(hostOf(setting)));
        assert.throws(
          () => call("wasi:cli/exit", item, argument),
          (error) => error instanceof Exit && error.code === code,
        );
      });

    it("a stream is a terminal or not", () => {
      const call = callOf(basicImports(hostOf(setting, { terminals: { stdin: true, stdout: false, stderr: true } })));
      const has = (name: string) => call(`wasi:cli/terminal-${name}`, `get-terminal-${name}`) !== undefined;
      assert.deepEqual(["stdin", "stdout", "stderr"].map(has), [true, false, true]);
    });

    /** A guest's stdin: pieces that come one after another, each when it is waited for; then what ends it. */
    function stdin(pieces: readonly string[], last: "" | IoError): () => InputStream {
      const rest = pieces.map(encode);
      const readiness = Condition.ready();
      let ready = false;
      const bytes: Bytes = {
        source: undefined,
        readiness,
        receive(max) {
          if (!ready) {
            ready = true;
            return "would-block";
          }
          const piece = rest[0];
          if (piece === undefined) return last === "" ? 0 : last;
          machine.buffer.set(piece.subarray(0, max));
          if (piece.length > max) rest[0] = piece.subarray(max);
          else {
            rest.shift();
            ready = false;
          }
          return Math.min(max, piece.length);
        },
      };
      return () => new InputStream(bytes, "never-fails");
    }

    type Stdin = readonly [ByteProducer, HostFuture<StreamResult<string>>];

    it("stdin comes as it is there, to its end: then its future is ok", async () => {
      const call = callOf(basicImports(hostOf(setting, { stdin: stdin(["hel", "lo, ", "world"], "") })));
      const [stream, end] = call("wasi:cli/stdin", "read-via-stream") as Stdin;
      const [first] = await together(setting, read(stream, 5, 2));
      assert.equal(decode(first), "hello");
      assert.equal(end.resolved, false);
      assert.equal(decode(await settled(setting, read(stream))), ", world");
      assert.deepEqual(resolved(end), success);
    });

    it("a stdin that fails ends, and its future says so", async () => {
      const call = callOf(basicImports(hostOf(setting, { stdin: stdin(["a"], ioError) })));
      const [stream, end] = call("wasi:cli/stdin", "read-via-stream") as Stdin;
      assert.equal(decode(await settled(setting, read(stream))), "a");
      assert.deepEqual(resolved(end), failure("io"));
    });

    it("streams of stdin share it, and one that is dropped leaves it to the others", async () => {
      const call = callOf(basicImports(hostOf(setting, { stdin: stdin(["ab", "cd"], "") })));
      const [one, endOfOne] = call("wasi:cli/stdin", "read-via-stream") as Stdin;
      const [other, endOfOther] = call("wasi:cli/stdin", "read-via-stream") as Stdin;
      assert.equal(decode(await settled(setting, read(one, 1))), "a");
      one.drop();
      assert.deepEqual(resolved(endOfOne), success);
      assert.equal(decode(await settled(setting, read(other))), "bcd");
      assert.deepEqual(resolved(endOfOther), success);
    });

    for (const name of ["stdout", "stderr"] as const) {
      const output = (sink: ByteSink) => () => new OutputStream(poll, sink, { permit: STDIO_PERMIT, strict: false });

      it(`${name} gets what is written, in order, by several streams at once`, async () => {
        let text = "";
        const sink: ByteSink = {
          source: undefined,
          send(bytes, start = 0, end = bytes.length) {
            text += decode(bytes.subarray(start, end));
            return end - start;
          },
        };
        const call = callOf(basicImports(hostOf(setting, { [name]: output(sink) })));
        const [one, other] = [new Writer(), new Writer()];
        const ends = [one, other].map(
          (data) => call(`wasi:cli/${name}`, "write-via-stream", data) as HostFuture<StreamResult<string>>,
        );
        await settled(setting, one.write(encode("one ")));
        await settled(setting, other.write(encode("two ")));
        await settled(setting, one.write(encode("three")));
        assert.equal(text, "one two three");
        assert.deepEqual(
          ends.map((end) => end.resolved),
          [false, false],
        );
        one.end();
        other.end();
        assert.deepEqual(ends.map(resolved), [success, success]);
        const long = new Writer();
        call(`wasi:cli/${name}`, "write-via-stream", long);
        text = "";
        await settled(setting, long.write(encode("x".repeat(200_000))));
        assert.equal(text.length, 200_000);
      });

      const failures: readonly (readonly [IoError | "broken-pipe", string])[] = [
        ["broken-pipe", "pipe"],
        [ioError, "io"],
      ];
      for (const [cause, code] of failures)
        it(`${name} that fails drops the stream, and its future is ${code}`, async () => {
          const sink: ByteSink = { source: undefined, send: () => cause };
          const call = callOf(basicImports(hostOf(setting, { [name]: output(sink) })));
          const data = new Writer();
          const end = call(`wasi:cli/${name}`, "write-via-stream", data) as HostFuture<StreamResult<string>>;
          assert.equal(await settled(setting, data.write(encode("lost"))), 0);
          assert.deepEqual(resolved(end), failure(code));
        });
    }
  });
});
