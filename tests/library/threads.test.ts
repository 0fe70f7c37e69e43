/** Components with cooperative threads in the library: allowed by `compile`, called at any time, and gone when they are disposed of. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compile, instantiate, ParseError } from "../../src/index.ts";
import { call, i32, lift, log } from "../component/async/guest.ts";
import { binary } from "../component/text.ts";
import { later, make, suspend, threaded, wakeMain, yields } from "../component/threads/guest.ts";

interface Guest {
  run(): Promise<void>;
  other(): Promise<void>;
  task(): Promise<void>;
}

const sets = `(global.set $main ${call("index")})`;
const exports = `${lift("run", "")} ${lift("other", "")} ${lift("task", "async")}`;

async function guestOf(thread: string, run: string) {
  const code = `(func (export "run") ${sets} ${run}) (func (export "other") ${log(i32(3))}) (func (export "task") ${log(i32(4))} ${yields})`;
  const bytes = await binary(threaded([thread], { code, exports }));
  const component = await compile(bytes, { threads: true });
  const logged: number[] = [];
  const imports = { log: (n: number) => void logged.push(n), later: async (ms: number) => ms };
  return { bytes, logged, make: () => instantiate<Guest>(component, imports, { wasi: {} }) };
}

describe("a component with threads", () => {
  it("is refused unless it is allowed", async () => {
    const { bytes } = await guestOf("", "");
    await assert.rejects(compile(bytes), (error) => {
      assert.ok(error instanceof ParseError);
      assert.match(error.message, /^`thread\.[a-z-]+` requires the component model threading feature \(at offset 0x/);
      return true;
    });
  });

  it("is called by others when a call that waits for threads has returned", async () => {
    const waits = `${later(make(0))} ${log(i32(1))} ${suspend} ${log(i32(2))}`;
    const { logged, make: instance } = await guestOf(`${yields} ${yields} ${yields} ${wakeMain}`, waits);
    await using guest = await instance();
    await Promise.all([guest.run(), guest.other(), guest.task()]);
    assert.deepEqual(logged.slice(0, 2), [1, 2]);
    assert.deepEqual(logged.toSorted(), [1, 2, 3, 4]);
  });

  it("leaves no stacks behind when it is disposed of", async () => {
    const count = 300;
    const suspended = `(loop $again ${later(make(0))} (global.set $n (i32.add (global.get $n) ${i32(1)}))
      (br_if $again (i32.lt_u (global.get $n) ${i32(count)}))) ${yields}`;
    const { logged, make: instance } = await guestOf(`${suspend} ${log(i32(9))}`, suspended);
    // more than may be suspended at a time
    for (let i = 0; i * count <= 11_000; i++) {
      await using guest = await instance();
      await guest.run();
    }
    assert.deepEqual(logged, []);
  });

  it("ends with its instance while a call waits for a thread", async () => {
    const { logged, make: instance } = await guestOf(
      `(loop $again ${yields} (br $again))`,
      `${later(make(0))} ${suspend}`,
    );
    const guest = await instance();
    const run = guest.run();
    const refused = assert.rejects(run);
    await guest[Symbol.asyncDispose]();
    await refused;
    assert.deepEqual(logged, []);
  });
});
