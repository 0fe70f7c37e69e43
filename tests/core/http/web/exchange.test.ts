/** What of a guest's response a `Response` carries, and of a `Request` a guest is given. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createWebMachine } from "../../../../src/adapters/web/machine.ts";
import type { HttpField } from "../../../../src/core/http/error-code.ts";
import { byteString } from "../../../../src/core/http/fields.ts";
import { type Uncarried, WebExchange } from "../../../../src/core/http/web/exchange.ts";
import { Condition, READY } from "../../../../src/core/wait/condition.ts";
import { SuspendingPoll } from "../../../../src/core/wait/suspending-poll.ts";

const machine = createWebMachine();
const poll = new SuspendingPoll(machine);

function exchange(request: Request, maxBodySize = Number.POSITIVE_INFINITY) {
  const uncarried: Uncarried[] = [];
  const left: WebExchange[] = [];
  const made = new WebExchange(request, {
    machine,
    poll,
    maxBodySize,
    uncarried: (error) => uncarried.push(error),
    abandoned: (each) => left.push(each),
  });
  return { made, uncarried, left };
}

/** Who is told of a body. */
class Sender {
  told: string[] = [];

  sent(): void {
    this.told.push("sent");
  }

  stop(): void {
    this.told.push("stop");
  }
}

const field = (name: string, value: string): HttpField => [name, byteString(value)];
const request = (init?: RequestInit) => new Request("http://a:81/b/c?d=%20", init);
const post = (body: BodyInit) => request({ method: "POST", body, duplex: "half" } as RequestInit);
const bytes = byteString("some bytes");

/** Reads the whole request, as a guest does that waits for its readiness. */
async function readAll(made: WebExchange, max = 4): Promise<string> {
  const readable = Condition.ready();
  made.read(readable);
  let text = "";
  for (;;) {
    const count = made.receive(max);
    if (count === 0) return text;
    if (count === "would-block") await poll.forAnotherGuest().block(readable);
    else text += new TextDecoder().decode(machine.buffer.subarray(0, count));
  }
}

describe("a Request for a guest", () => {
  it("has a head", () => {
    const { head } = exchange(request({ method: "PURGE", headers: { "X-A": "caf\xe9" } })).made;
    const { method, path, authority, scheme, headers } = head;
    assert.deepEqual([method, path, authority, scheme], ["PURGE", "/b/c?d=%20", "a:81", "http"]);
    assert.deepEqual(headers, [field("x-a", "caf\xe9")]);
  });

  it("has no body where there is none", () => {
    const { made } = exchange(request());
    assert.equal(made.over, true);
    assert.equal(made.receive(1), 0);
    assert.equal(made.error, undefined);
  });

  it("is read piece by piece", async () => {
    const { made } = exchange(post("some text for a guest"));
    assert.equal(made.over, false);
    assert.equal(await readAll(made), "some text for a guest");
    assert.equal(made.over, true);
    assert.equal(made.finished.kind, READY);
  });

  it("is asked for more when what came was read", async () => {
    let pulls = 0;
    const stream = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          pulls++;
          controller.enqueue(byteString("12345678"));
          if (pulls === 100) controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    const { made } = exchange(post(stream));
    const readable = Condition.ready();
    made.read(readable);
    assert.equal(made.receive(4), "would-block");
    await poll.forAnotherGuest().block(readable);
    assert.equal(made.receive(4), 4);
    await new Promise((resolve) => setTimeout(resolve));
    // A runtime's Request may ask for a piece by itself.
    assert.ok(pulls <= 2, `${pulls} pieces`);
    made.cancel();
    assert.equal(made.receive(4), 0);
  });

  it("fails when its stream does", async () => {
    const stream = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error("no more")) });
    const { made } = exchange(post(stream));
    assert.equal(await readAll(made), "");
    assert.deepEqual(made.error, { tag: "HTTP-protocol-error" });
  });

  it("is too long by its content-length", async () => {
    const { made } = exchange(request({ method: "POST", body: "12345", headers: { "content-length": "5" } }), 4);
    assert.equal(made.complete, true);
    assert.equal((await made.response).status, 413);
  });

  it("is too long when it comes", async () => {
    const { made } = exchange(post(new Response("12345").body!), 4);
    assert.equal(await readAll(made), "");
    assert.deepEqual(made.error, { tag: "HTTP-request-body-size", val: 5n });
    assert.equal((await made.response).status, 413);
  });

  it("is refused when somebody has read it", async () => {
    const read = post("text");
    await read.text();
    assert.throws(() => exchange(read), TypeError);
  });

  it("is gone with its signal", async () => {
    const abort = new AbortController();
    const { made, left } = exchange(request({ signal: abort.signal }));
    const sender = new Sender();
    made.respond(200, [], sender);
    assert.notEqual(made.gone.kind, READY);
    abort.abort();
    assert.equal(made.gone.kind, READY);
    assert.deepEqual(sender.told, ["stop"]);
    assert.deepEqual(left, [made]);
    assert.equal(made.complete, true);
  });

  it("may be gone from the start", () => {
    assert.equal(exchange(request({ signal: AbortSignal.abort() })).made.complete, true);
  });
});

describe("a guest's response as a Response", () => {
  it("whole: with its bytes", async () => {
    const { made } = exchange(request());
    const sender = new Sender();
    made.respond(201, [field("content-type", "text/a")], sender);
    made.write(bytes, 0, 4);
    made.write(bytes, 4, bytes.length);
    made.finish();
    const response = await made.response;
    assert.deepEqual([response.status, response.headers.get("content-type")], [201, "text/a"]);
    assert.equal(await response.text(), "some bytes");
    assert.deepEqual(sender.told, ["sent"]);
  });

  it("as it is written: taken when it is read", async () => {
    const { made } = exchange(request());
    const sender = new Sender();
    made.respond(200, [], sender);
    made.write(bytes, 0, 4);
    const reader = (await made.response).body!.getReader();
    assert.deepEqual(sender.told, []);
    assert.deepEqual((await reader.read()).value, byteString("some"));
    assert.deepEqual(sender.told, ["sent"]);
    const next = reader.read();
    made.write(bytes, 4, 5);
    made.write(bytes, 5, 10);
    assert.deepEqual((await next).value, byteString(" bytes"));
    made.finish();
    assert.equal((await reader.read()).done, true);
  });

  it("broken off: what was written, then an error", async () => {
    const { made } = exchange(request());
    const sender = new Sender();
    made.respond(200, [], sender);
    made.write(bytes, 0, 4);
    made.abort();
    const reader = (await made.response).body!.getReader();
    assert.deepEqual((await reader.read()).value, byteString("some"));
    await assert.rejects(reader.read(), { name: "BodyBrokenOff" });
    assert.deepEqual(sender.told, ["stop"]);
  });

  it("cancelled: the guest's client is gone", async () => {
    const { made, left } = exchange(request());
    const sender = new Sender();
    made.respond(200, [], sender);
    await (await made.response).body!.cancel();
    assert.equal(made.gone.kind, READY);
    assert.deepEqual(sender.told, ["stop"]);
    assert.deepEqual(left, [made]);
  });

  for (const [method, status] of [
    ["HEAD", 200],
    ["GET", 204],
    ["GET", 205],
    ["GET", 304],
  ] as const) {
    it(`${method} ${status}: without its body`, async () => {
      const { made } = exchange(request({ method }));
      const sender = new Sender();
      made.respond(status, [field("x-a", "1")], sender);
      made.write(bytes, 0, 4);
      made.finish();
      const response = await made.response;
      assert.deepEqual([response.status, response.body, response.headers.get("x-a")], [status, null, "1"]);
      assert.deepEqual(sender.told, ["sent", "sent"]);
    });
  }

  it("without a body", async () => {
    const { made } = exchange(request());
    made.respond(200, [], undefined);
    assert.equal(made.complete, true);
    assert.equal(await (await made.response).text(), "");
  });

  it("repeated fields: set-cookie apart, others joined; no trailer", async () => {
    const { made } = exchange(request());
    const cookies = ["a=1", "b=2; Path=/"].map((value) => field("set-cookie", value));
    made.respond(200, [...cookies, field("x-a", "1"), field("x-a", "2"), field("trailer", "x-b")], undefined);
    const { headers } = await made.response;
    assert.deepEqual(headers.getSetCookie(), ["a=1", "b=2; Path=/"]);
    assert.equal(headers.get("x-a"), "1, 2");
    assert.equal(headers.get("trailer"), null);
  });

  it("bytes above ASCII in fields are characters", async () => {
    const { made } = exchange(request());
    made.respond(200, [field("x-a", "caf\xe9")], undefined);
    assert.equal((await made.response).headers.get("x-a"), "caf\xe9");
  });

  for (const status of [100, 199, 600, 999]) {
    it(`status ${status}: 500, with the reason`, async () => {
      const { made, uncarried } = exchange(request());
      const sender = new Sender();
      made.respond(status, [], sender);
      assert.deepEqual(sender.told, ["stop"]);
      const response = await made.response;
      assert.equal(response.status, 500);
      assert.match(await response.text(), new RegExp(`status ${status}`));
      assert.match(uncarried[0]!.message, new RegExp(`status ${status}`));
    });
  }
});
