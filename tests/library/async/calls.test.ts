/** Calls of async functions, both ways: side by side, with errors, cancelled, in vain. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ComponentError, Trap } from "../../../src/index.ts";
import { buildGuest, hosted, skip, turns } from "./guest.ts";

const isTrap = (message: string) => (error: unknown) => error instanceof Trap && error.message === message;
const DEADLOCK = "wasm trap: deadlock detected: event loop cannot make further progress";
const ENDED = "wasm trap: cannot enter component instance";

describe("a call of an async function", { skip }, () => {
  buildGuest();

  it("waits for the program's promise, beside any number of others on the instance, in the order in which those resolve", async () => {
    const pending = new Map<number, (n: number) => void>();
    const later = (n: number) => new Promise<number>((resolve) => pending.set(n, resolve));
    await using app = await hosted({ later });
    const ended: number[] = [];
    const calls = Array.from({ length: 50 }, (_, n) => app.guest.double(n).then((double) => ended.push(double)));
    await turns();
    assert.deepEqual([...pending.keys()], [...Array(50).keys()]);
    for (const n of [...pending.keys()].reverse()) pending.get(n)!(n);
    await Promise.all(calls);
    assert.deepEqual(ended, [...Array(50).keys()].map((n) => 2 * n).reverse());
  });

  it("is made from within an import that another call waits for", async () => {
    const later = async (n: number): Promise<number> => (n === 0 ? 1 : (await app.guest.double(n - 1)) + 1);
    await using app = await hosted({ later });
    assert.equal(await app.guest.double(3), 30);
  });

  it("ends by what a later call brings", async () => {
    await using app = await hosted();
    const calls = [app.guest.pulled(), app.guest.pulled()];
    await app.guest.push(5);
    await app.guest.push(6);
    assert.deepEqual(new Set(await Promise.all(calls)), new Set([5, 6]));
  });

  it("rejects with the error of its result, and goes on with that of the program's", async () => {
    const answer = async (n: number): Promise<string> => {
      if (n === 0) throw { tag: "busy" };
      if (n === 1) throw Object.assign(new Error("not there"), { payload: { tag: "missing", val: "salt" } });
      return `answer ${n}`;
    };
    await using app = await hosted({ answer });
    assert.equal(await app.guest.ask(2), "answer 2");
    const fails = (payload: string) => (error: unknown) => error instanceof ComponentError && error.payload === payload;
    await assert.rejects(app.guest.ask(0), fails("busy"));
    await assert.rejects(app.guest.ask(1), fails("no salt"));
    assert.equal(await app.guest.ask(3), "answer 3");
  });

  it("waits for a promise that a function answers which is not async", async () => {
    const clock = Promise.withResolvers<number>();
    await using app = await hosted({ now: () => clock.promise });
    const call = app.guest.clock();
    clock.resolve(9);
    assert.equal(await call, 9);
  });

  it("rejects with what the program's function has failed with, which ends the component", async () => {
    const failure = new RangeError("of the program's own");
    const later = async (): Promise<number> => {
      throw failure;
    };
    await using app = await hosted({ later });
    await assert.rejects(app.guest.double(1), (error) => error === failure);
    await assert.rejects(app.guest.double(1), (error) => isTrap(ENDED)(error) && (error as Trap).cause === failure);
  });

  it("rejects with the trap that ends the component, as all others do that are under way or come later", async () => {
    const never = new Promise<number>(() => {});
    await using app = await hosted({ later: () => never });
    const waiting = app.guest.double(1);
    const failing = app.guest.fail();
    const UNREACHABLE = "wasm trap: wasm `unreachable` instruction executed";
    const [first, second] = await Promise.allSettled([failing, waiting]);
    assert.ok(first.status === "rejected" && isTrap(UNREACHABLE)(first.reason));
    assert.ok(second.status === "rejected" && second.reason === first.reason);
    assert.ok(first.reason.frames.length > 0);
    assert.match(app.stderr(), /as it was asked to/);
    await assert.rejects(app.guest.double(1), isTrap(ENDED));
    await assert.rejects(app.guest.clock(), isTrap(ENDED));
  });

  it("rejects in a deadlock, unless calls may be waited for", async () => {
    await using app = await hosted();
    await assert.rejects(app.guest.pulled(), isTrap(DEADLOCK));
    await assert.rejects(app.guest.push(1), isTrap(ENDED));

    await using patient = await hosted({}, { waitsForCalls: true, wasi: {} });
    const call = patient.guest.pulled();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await patient.guest.push(1);
    assert.equal(await call, 1);
  });

  it("is no deadlock while the program has a promise to resolve", async () => {
    const slow = Promise.withResolvers<number>();
    await using app = await hosted({ later: () => slow.promise });
    const calls = [app.guest.pulled(), app.guest.double(4)] as const;
    await new Promise((resolve) => setTimeout(resolve, 20));
    await app.guest.push(3);
    slow.resolve(4);
    assert.deepEqual(await Promise.all(calls), [3, 8]);
  });
});

describe("a call with a signal", { skip }, () => {
  buildGuest();

  it("rejects with the reason when the component has given it up", async () => {
    await using app = await hosted({}, { waitsForCalls: true, wasi: {} });
    const abort = new AbortController();
    const call = app.guest.forever({ signal: abort.signal });
    assert.equal(await app.guest.cancelled(), 0);
    const reason = new Error("enough");
    abort.abort(reason);
    await assert.rejects(call, (error) => error === reason);
    assert.equal(await app.guest.cancelled(), 1);
    assert.equal(await app.guest.double(2), 4);
  });

  it("that is aborted already is not made", async () => {
    await using app = await hosted();
    await assert.rejects(app.guest.forever({ signal: AbortSignal.abort("before") }), (error) => error === "before");
    assert.equal(await app.guest.cancelled(), 0);
  });

  it("that was aborted too late has its result", async () => {
    await using app = await hosted();
    const abort = new AbortController();
    assert.equal(await app.guest.double(1, { signal: abort.signal }), 2);
    abort.abort();
    assert.equal(await app.guest.double(2, { signal: new AbortController().signal }), 4);
  });

  it("cancels what its guest waits for of the program, which is disposed of", async () => {
    let disposed = 0;
    const asked = Promise.withResolvers<void>();
    const later = (): Promise<number> => {
      asked.resolve();
      return Object.assign(new Promise<number>(() => {}), { [Symbol.asyncDispose]: async () => void disposed++ });
    };
    await using app = await hosted({ later });
    const abort = new AbortController();
    const call = app.guest.stubborn(1, { signal: abort.signal });
    await asked.promise;
    abort.abort("now");
    await assert.rejects(call, (error) => error === "now");
    assert.equal(disposed, 1);
  });

  it("ends the streams that it was given", async () => {
    await using app = await hosted();
    let cancelled = 0;
    const stream = new ReadableStream({
      cancel() {
        cancelled++;
      },
    });
    const abort = new AbortController();
    const call = app.guest.length(stream, { signal: abort.signal });
    await turns();
    abort.abort("no more");
    await assert.rejects(call, (error) => error === "no more");
    await turns();
    assert.equal(cancelled, 1);
    assert.equal(await app.guest.double(1), 2);
  });

  it("is one of a resource's method, too", async () => {
    const never = new Promise<number>(() => {});
    await using app = await hosted({ later: () => never });
    await using counter = await new app.guest.Counter(1);
    const abort = new AbortController();
    const call = counter.next({ signal: abort.signal });
    abort.abort("no more");
    await assert.rejects(call, (error) => error === "no more");
  });

  it("ends the call, and no other", async () => {
    const slow = Promise.withResolvers<number>();
    await using app = await hosted({ later: () => slow.promise });
    const abort = new AbortController();
    const calls = [app.guest.double(1), app.guest.forever({ signal: abort.signal })] as const;
    abort.abort("this one");
    await assert.rejects(calls[1], (error) => error === "this one");
    slow.resolve(1);
    assert.equal(await calls[0], 2);
  });
});
