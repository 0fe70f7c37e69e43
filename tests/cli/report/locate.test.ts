/** Which module of a file a frame is in: an engine tells no more than a module's name. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { frameLocator } from "../../../src/cli/report/locate.ts";
import { binary } from "../../component/text.ts";

const body = '(func $work (export "work") (drop (i32.div_u (i32.const 1) (i32.const 0))))';
const locate = async (text: string, module: string | undefined, func: string, offset: number) => {
  const locator = frameLocator(await binary(text), { core: false, lines: true });
  return locator?.locate({ module, func, offset }).offset;
};

describe("a frame's module", () => {
  it("is the one of its name", async () => {
    const text = `(component (core module $a ${body}) (core module $b ${body}))`;
    const [a, b] = [await locate(text, "a", "work", 0x26), await locate(text, "b", "work", 0x26)];
    assert.ok(a !== undefined && b !== undefined && a < b, `${a} ${b}`);
  });

  it("is unknown where several fit, or none: then there is no offset", async () => {
    const text = `(component (core module ${body}) (core module ${body}))`;
    assert.equal(await locate(text, undefined, "work", 0x26), undefined);
    assert.equal(await locate(text, "other", "work", 0x26), undefined);
    assert.equal(await locate(text, undefined, "idle", 0x26), undefined);
  });
});
