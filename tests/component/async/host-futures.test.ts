/** Futures between a guest and its host. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HostImports } from "../../../src/component/host.ts";
import { HostFuture, type ReadableFuture } from "../../../src/component/streams.ts";
import { Alarm } from "../../../src/core/wait/alarm.ts";
import { Condition } from "../../../src/core/wait/condition.ts";
import {
  type CoreFuncs,
  call,
  component,
  drop,
  type Host,
  hostFor,
  i32,
  itWaits,
  lift,
  locals,
  pair,
  setOf,
  start,
  table,
} from "./guest.ts";
import { open } from "./hosts.ts";
import { BLOCKED, FUTURE_READ, FUTURE_WRITE, load, logged, readEvent, writeEvent } from "./words.ts";

const futures = {
  imports: `(import "open" (func $open (result $number))) (import "open-text" (func $open-text (result $text)))
    (import "resolve" (func $resolve)) (import "give" (func $give (param "number" $number)))
    (import "give-text" (func $give-text (param "text" $text))) (import "pause" (func $pause-host async))`,
  funcs: {
    open: ["(result i32)", "lower (func $open)"],
    "open-text": ["(result i32)", "lower (func $open-text)"],
    resolve: ["", "lower (func $resolve)"],
    give: ["(param i32)", "lower (func $give)"],
    "give-text": ["(param i32)", "lower (func $give-text)"],
    pause: ["", "lower (func $pause-host)"],
  } as CoreFuncs,
};

describe("a future", () => {
  const imports = ({ machine }: Host, log: (n: number) => void): HostImports => {
    const number = new HostFuture<number>();
    const text = new HostFuture<string>();
    const resolve = () => {
      number.resolve(5);
      text.resolve("abc");
    };
    return {
      open: () => number,
      openText: () => text,
      resolve,
      give: (future: ReadableFuture<number>) => future.read(log),
      giveText: (future: ReadableFuture<string>) => future.read((value) => log(value.length)),
      *pause() {
        yield Condition.timer(machine.now() + 1e5);
        resolve();
      },
    } as HostImports;
  };
  const openText = `(local.set $r ${call("open-text")})`;
  table(
    [
      [
        "of the host's that is resolved",
        `${open} ${call("resolve")} ${logged("number.read", "r", 64)} ${load(64)} ${call("number.drop-readable", "r")}`,
        [0, 5],
      ],
      [
        "of the host's that is resolved later",
        `${open} ${logged("number.read", "r", 64)} ${call("pause")} ${readEvent} ${load(64)}`,
        [BLOCKED, FUTURE_READ, 1, 0, 5],
      ],
      [
        "of the host's that is resolved while it is read",
        `${open} ${logged("number.read", "r", 64)} ${call("resolve")} ${readEvent} ${load(64)}`,
        [BLOCKED, FUTURE_READ, 1, 0, 5],
      ],
      [
        "of a string",
        `${openText} ${logged("text.read", "r", 64)} ${call("pause")} ${readEvent} ${load(68)}`,
        [BLOCKED, FUTURE_READ, 1, 0, 3],
      ],
      ["of the host's, dropped", `${open} ${call("number.drop-readable", "r")} ${call("resolve")}`, []],
      [
        "of the host's, cancelled and read again",
        `${open} ${logged("number.read", "r", 64)} ${logged("number.cancel-read", "r")} ${call("resolve")} ${load(64)} ${logged("number.read", "r", 64)} ${load(64)}`,
        [BLOCKED, 2, 0, 0, 5],
      ],
      ["of the host's, given back", `${open} ${call("give", "r")} ${call("resolve")}`, [5]],
      [
        "of the host's, read twice",
        `${open} ${call("resolve")} ${drop(call("number.read", "r", 64))} ${drop(call("number.read", "r", 64))}`,
        ["host", "cannot read from future after previous read succeeded"],
      ],
      [
        "of the host's, read and given back",
        `${open} ${call("resolve")} ${drop(call("number.read", "r", 64))} ${call("give", "r")}`,
        ["host", "cannot lift future after previous read succeeded"],
      ],
      [
        "of the guest's, written before",
        `${pair("number")} (i32.store ${i32(32)} ${i32(9)}) ${logged("number.write", "w", 32)} ${call("give", "r")} ${writeEvent} ${call("number.drop-writable", "w")}`,
        [BLOCKED, 9, FUTURE_WRITE, 2, 0],
      ],
      [
        "of the guest's, written after",
        `${pair("number")} (i32.store ${i32(32)} ${i32(9)}) ${call("give", "r")} ${logged("number.write", "w", 32)} ${call("number.drop-writable", "w")}`,
        [9, 0],
      ],
      [
        "of the guest's, of a string",
        `${pair("text")} (i32.store ${i32(36)} ${i32(4)}) ${call("give-text", "r")} ${logged("text.write", "w", 32)}`,
        [4, 0],
      ],
      [
        "of the guest's, of a string beyond the memory",
        `${pair("text")} (i32.store ${i32(36)} ${i32(-1)}) ${call("give-text", "r")} ${logged("text.write", "w", 32)}`,
        ["host", "string pointer/length out of bounds of memory"],
      ],
      [
        "of the guest's, given while busy",
        `${pair("number")} ${drop(call("number.read", "r", 64))} ${call("give", "r")}`,
        ["host", "cannot remove busy future"],
      ],
      [
        "of the guest's, given in a set",
        `${pair("number")} ${setOf("r")} ${call("give", "r")}`,
        ["host", "cannot lift future while it's in a waitable set"],
      ],
      [
        "of the guest's, the writable end",
        `${pair("number")} ${call("give", "w")}`,
        ["host", "handle is not a readable end of a future"],
      ],
    ],
    futures,
    imports,
  );

  for (const wait of ["blocking", "suspending"] as const)
    it(`that the host's work in the background resolves is waited for, while nothing else is (${wait})`, async () => {
      const host = await hostFor(wait);
      const readiness = Condition.ready();
      readiness.markPending();
      const future = new HostFuture<number>(readiness);
      const alarm = new Alarm(host.poll, () => future.resolve(5));
      const text = component({
        imports: futures.imports,
        funcs: futures.funcs,
        code: `(func (export "run") ${locals} ${open} ${logged("number.read", "r", 64)}
          ${call("resolve")} ${logged("number.cancel-read", "r")} ${logged("number.read", "r", 64)} ${readEvent} ${load(64)})`,
        exports: lift("run", "async"),
      });
      const resolve = () => alarm.set(host.machine.now() + 1e5);
      const started = await start(wait, text, { ...imports_(host), open: () => future, resolve } as HostImports);
      await started.exports["run"]!();
      assert.deepEqual(started.logged, [BLOCKED, 2, BLOCKED, FUTURE_READ, 1, 0, 5]);
    });

  it("that the host's event loop resolves is waited for", async () => {
    const text = component({
      imports: futures.imports,
      funcs: futures.funcs,
      code: `(func (export "run") ${locals} ${openText} ${logged("text.read", "r", 64)} ${readEvent} ${load(68)})`,
      exports: lift("run", "async"),
    });
    const future = new HostFuture<string>();
    const imports = { ...imports_(await hostFor("suspending")), openText: () => future } as HostImports;
    const started = await start("suspending", text, imports);
    setTimeout(() => future.resolve("abc"), 1);
    await started.exports["run"]!();
    assert.deepEqual(started.logged, [BLOCKED, FUTURE_READ, 1, 0, 3]);
  });

  itWaits("that the host cannot resolve ends the guest that reads it, with the host's error", async (wait) => {
    const text = component({
      imports: futures.imports,
      funcs: futures.funcs,
      code: `(func (export "run") ${locals} ${open} ${call("pause")} ${logged("number.read", "r", 64)} ${readEvent})`,
      exports: lift("run", "async"),
    });
    const future = new HostFuture<number>();
    const failure = new Error("no number");
    const host = await hostFor(wait);
    const { exports } = await start(wait, text, {
      ...imports_(host),
      open: () => future,
      *pause() {
        yield Condition.timer(host.machine.now() + 1e5);
        future.reject(failure);
        future.resolve(5);
      },
    } as HostImports);
    await assert.rejects(
      async () => exports["run"]!(),
      (error) => error === failure,
    );
  });

  it("whose value cannot be given to the guest ends that, and not who resolves it", async () => {
    const text = component({
      imports: futures.imports,
      funcs: futures.funcs,
      code: `(func (export "run") ${locals} ${openText} ${logged("text.read", "r", 64)} ${readEvent})`,
      exports: lift("run", "async"),
    });
    const future = new HostFuture<unknown>();
    const imports = { ...imports_(await hostFor("suspending")), openText: () => future } as HostImports;
    const { exports } = await start("suspending", text, imports);
    const running = exports["run"]!() as Promise<unknown>;
    await Promise.resolve();
    const broken = new RangeError("no string");
    const value = {
      toString() {
        throw broken;
      },
    };
    future.resolve(value);
    await assert.rejects(running, (error) => error === broken);
  });

  function imports_(host: Host): HostImports {
    return imports(host, () => {});
  }
});
