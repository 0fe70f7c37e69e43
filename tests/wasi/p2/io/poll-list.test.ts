/** `wasi:io/poll.poll` remembers the list that it was given last: what a guest may change in it between two polls. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseComponent } from "../../../../src/component/binary/parse.ts";
import { CompiledComponent } from "../../../../src/component/link/compiled.ts";
import { instantiateComponent } from "../../../../src/component/link/instantiate.ts";
import { Condition } from "../../../../src/core/wait/condition.ts";
import { NEVER } from "../../../../src/core/wait/deadline.ts";
import { BlockingPoll } from "../../../../src/core/wait/poll.ts";
import { ioPoll } from "../../../../src/wasi/p2/io/poll.ts";
import { Pollable } from "../../../../src/wasi/p2/io/pollable.ts";
import { binary, canonOptions, libc } from "../../../component/text.ts";
import { createMachine } from "../../../machine.ts";

/** `poll` polls the handles that it is given; `make` answers the handle of a new pollable, `drop` gives it back. */
const polling = binary(`(component
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $pollable (sub resource)))
    (export "poll" (func (param "in" (list (borrow $pollable))) (result (list u32))))))
  (alias export $poll "pollable" (type $pollable))
  (import "make" (func $make (param "due" bool) (result (own $pollable))))
  ${libc}
  (core func $poll (canon lower (func $poll "poll") ${canonOptions}))
  (core func $make (canon lower (func $make)))
  (core func $drop (canon resource.drop $pollable))
  (core module $m
    (import "h" "poll" (func $poll (param i32 i32 i32)))
    (import "h" "make" (func $make (param i32) (result i32)))
    (import "h" "drop" (func $drop (param i32)))
    (func (export "poll") (param i32 i32) (result i32)
      (call $poll (local.get 0) (local.get 1) (i32.const 64)) (i32.const 64))
    (func (export "make") (param i32) (result i32) (call $make (local.get 0)))
    (func (export "drop") (param i32) (call $drop (local.get 0))))
  (core instance $i (instantiate $m (with "h" (instance
    (export "poll" (func $poll)) (export "make" (func $make)) (export "drop" (func $drop))))))
  (func (export "poll") (param "handles" (list u32)) (result (list u32)) (canon lift (core func $i "poll") ${canonOptions}))
  (func (export "make") (param "due" bool) (result u32) (canon lift (core func $i "make")))
  (func (export "drop") (param "handle" u32) (canon lift (core func $i "drop"))))`);

type Polling = {
  readonly poll: (handles: readonly number[]) => Uint32Array;
  readonly make: (due: boolean) => number;
  readonly drop: (handle: number) => void;
};

const machine = await createMachine();

async function guest(maxComponentHandles = 100): Promise<Polling> {
  const poll = new BlockingPoll(machine);
  const make = (due: boolean) => new Pollable(Condition.timer(due ? 0 : NEVER), machine.now());
  const imports = { "wasi:io/poll": ioPoll({ poll }), make };
  const { exports } = instantiateComponent(new CompiledComponent(parseComponent(await polling)), imports, {
    maxComponentHandles,
  });
  return exports as Polling;
}

describe("a poll list that is polled again", () => {
  it("has in an index that was given again what it stands for now", async () => {
    const { poll, make, drop } = await guest();
    const [due, other] = [make(true), make(true)];
    assert.deepEqual([...poll([due, other])], [0, 1]);
    assert.deepEqual([...poll([due, other])], [0, 1]);
    drop(due);
    assert.equal(make(false), due);
    assert.deepEqual([...poll([due, other])], [1]);
  });

  it("may lose, gain and move entries", async () => {
    const { poll, make } = await guest();
    const [due, never] = [make(true), make(false)];
    assert.deepEqual([...poll([due, never, never])], [0]);
    assert.deepEqual([...poll([never, due])], [1]);
    assert.deepEqual([...poll([never, due, due, never, due])], [1, 2, 4]);
    assert.deepEqual([...poll([due])], [0]);
    const many = Array.from({ length: 90 }, (_, i) => (i % 2 === 0 ? never : due));
    assert.deepEqual(
      [...poll(many)],
      many.flatMap((handle, i) => (handle === due ? [i] : [])),
    );
  });

  it("is not polled with a handle in it that is gone", async () => {
    const { poll, make, drop } = await guest();
    const [due, gone] = [make(true), make(true)];
    poll([due, gone]);
    drop(gone);
    assert.throws(() => poll([due, gone]), { message: `unknown handle index ${gone}` });
  });

  it("is as long as handles may be lent", async () => {
    const { poll, make } = await guest(10);
    const due = make(true);
    assert.equal(poll(new Array(8).fill(due)).length, 8);
    assert.throws(() => poll(new Array(9).fill(due)), {
      message: "cannot lend resource: store handle limit exceeded",
    });
  });

  it("comes from handles that are limited too", async () => {
    const { make } = await guest(3);
    make(true);
    make(true);
    assert.throws(() => make(true), { message: "cannot allocate another handle: store handle limit exceeded" });
  });
});
