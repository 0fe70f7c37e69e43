import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { basicImports } from "../../../src/wasi/p3/imports.ts";
import { callOf, eachSetting, hostOf } from "./host.ts";

const bytesOf = [
  ["wasi:random/random", "get-random-bytes"],
  ["wasi:random/insecure", "get-insecure-random-bytes"],
] as const;

await eachSetting((setting) => {
  describe(`random numbers of 0.3 on ${setting.name}`, () => {
    const call = callOf(basicImports(hostOf(setting, { maxRandomSize: 1000n })));

    for (const [name, item] of bytesOf)
      it(`${item}: as many as were asked for, up to the most that a call may have`, () => {
        fc.assert(
          fc.property(
            fc.oneof(fc.bigInt({ min: 0n, max: 2000n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
            (most) => {
              const bytes = call(name, item, most) as Uint8Array;
              assert.equal(BigInt(bytes.length), most < 1000n ? most : 1000n);
            },
          ),
        );
        const [one, other] = [call(name, item, 32n), call(name, item, 32n)] as Uint8Array[];
        assert.notDeepEqual(one, other);
      });

    it("numbers differ; the insecure seed does not", () => {
      for (const [name, item] of [
        ["wasi:random/random", "get-random-u64"],
        ["wasi:random/insecure", "get-insecure-random-u64"],
      ] as const)
        assert.notEqual(call(name, item), call(name, item));
      const seed = call("wasi:random/insecure-seed", "get-insecure-seed") as readonly bigint[];
      assert.deepEqual(
        seed.map((half) => typeof half),
        ["bigint", "bigint"],
      );
      assert.deepEqual(call("wasi:random/insecure-seed", "get-insecure-seed"), seed);
    });
  });
});
