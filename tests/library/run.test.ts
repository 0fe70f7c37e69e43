import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LinkError, ParseError, run, Trap } from "../../src/index.ts";
import { binary } from "../component/text.ts";

const file = (name: string): URL => new URL(`../guests/${name}.wasm`, import.meta.url);

/** A web stream that remembers. */
function memory(): { stream: WritableStream<Uint8Array>; text: () => string } {
  const chunks: Uint8Array[] = [];
  const stream = new WritableStream<Uint8Array>({
    write(chunk) {
      chunks.push(chunk);
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString() };
}

describe("run", () => {
  it("refuses a component that imports WASI by another type", async () => {
    const bytes = await binary(`(component
      (import "wasi:cli/environment@0.2.0" (instance (export "get-arguments" (func (result u32))))))`);
    for (const wait of ["blocking", "suspending"] as const)
      await assert.rejects(run(bytes, { wait }), (error) => {
        assert.ok(error instanceof LinkError);
        assert.equal(error.path, "wasi:cli/environment@0.2.0 . get-arguments");
        assert.equal(error.causes.at(-1), "expected `list` found `u32`");
        return true;
      });
  });

  it("answers the exit code, and gives the guest its streams", async () => {
    const out = memory();
    assert.deepEqual(await run(file("hello"), { stdout: out.stream }), { exitCode: 0 });
    assert.equal(out.text(), "hello, world\n");
  });

  it("gives arguments and environment, and inherits neither", async () => {
    const out = memory();
    await run(file("args-env"), { args: ["guest", "007"], env: { A: "b c" }, stdout: out.stream });
    assert.match(out.text(), /guest/);
    assert.match(out.text(), /007/);
    assert.match(out.text(), /A=b c/);
    assert.doesNotMatch(out.text(), /PATH=/);
  });

  it("feeds stdin from bytes", async () => {
    const out = memory();
    const text = "a line\n".repeat(20_000);
    await run(file("cat"), { stdin: new TextEncoder().encode(text), stdout: out.stream });
    assert.equal(out.text(), text);
  });

  it("feeds stdin from a web stream", async () => {
    const out = memory();
    const bytes = new TextEncoder().encode("a line\n".repeat(10_000));
    const stdin = new Response(bytes).body!;
    await run(file("cat"), { stdin, stdout: out.stream });
    assert.equal(out.text(), new TextDecoder().decode(bytes));
  });

  it("without stdin the guest finds it ended, and without stdout it writes into nothing", async () => {
    assert.deepEqual(await run(file("cat")), { exitCode: 0 });
    assert.deepEqual(await run(file("hello")), { exitCode: 0 });
  });

  it("network: nothing unless given, by rules where given", async () => {
    for (const [network, expected] of [
      [undefined, /^create-tcp-socket: access-denied$/m],
      [{ allow: ["127.0.0.1"] }, /^tcp start-bind: ok$/m],
    ] as const) {
      const out = memory();
      await run(file("policy"), {
        args: ["policy", "127.0.0.1:1"],
        stdout: out.stream,
        ...(network === undefined ? {} : { network }),
      });
      assert.match(out.text(), expected);
    }
  });

  it("a guest that breaks a rule or traps rejects with a Trap, with its frames", async () => {
    await assert.rejects(
      run(file("trap"), { args: ["trap", "unreachable"] }),
      (error: unknown) =>
        error instanceof Trap &&
        error.code === "trap" &&
        error.message === "wasm trap: wasm `unreachable` instruction executed" &&
        error.frames.length > 0,
    );
  });

  it("a signal ends the wait for a blocking guest's input, which is given back", { timeout: 60_000 }, async () => {
    let asked: (() => void) | undefined;
    const reading = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const stdin = new ReadableStream<Uint8Array>({ pull: () => asked?.() }, { highWaterMark: 0 });
    const abort = new AbortController();
    const running = run(file("cat"), { wait: "blocking", stdin, signal: abort.signal });
    await reading;
    const reason = new Error("enough");
    abort.abort(reason);
    await assert.rejects(running, reason);
    assert.equal(stdin.locked, false);
  });

  for (const wait of ["blocking", "suspending"] as const) {
    it(`rejects with what a web stream for its output fails with, ${wait}`, async () => {
      const reason = new Error("full");
      const full = { write: () => Promise.reject(reason) };
      await assert.rejects(run(file("hello"), { stdout: new WritableStream(full), wait }), reason);
      const unclosable = { close: () => Promise.reject(reason) };
      await assert.rejects(run(file("hello"), { stdout: new WritableStream(unclosable), wait }), reason);
      const closed = new WritableStream();
      await closed.close();
      await assert.rejects(run(file("hello"), { stdout: closed, wait }), TypeError);
    });
  }

  it("what is no component rejects with a ParseError; an aborted signal with its reason", async () => {
    await assert.rejects(run(new Uint8Array(8)), ParseError);
    const reason = new Error("enough");
    await assert.rejects(run(file("hello"), { signal: AbortSignal.abort(reason) }), reason);
  });
});
