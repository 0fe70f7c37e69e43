import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HostFunction } from "../../src/component/host.ts";
import { randomInterfaces } from "../../src/wasi/random.ts";
import { eachSetting, hostOf } from "./p3/host.ts";

describe("insecure-seed", async () => {
  await eachSetting((setting) => {
    it(`is one for a guest, and another for the next (${setting.name})`, () => {
      const host = hostOf(setting);
      const made = randomInterfaces((_, asked) => asked, "get-insecure-seed")["wasi:random/insecure-seed"]!(host);
      const seed = (made as Readonly<Record<string, HostFunction>>)["get-insecure-seed"] as () => unknown;
      const first = seed();
      assert.deepEqual(seed(), first);
      host.insecureSeed = undefined;
      assert.notDeepEqual(seed(), first);
    });
  });
});
