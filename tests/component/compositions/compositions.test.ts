/** Compositions by chance, a sample: what their guests see of one another is what the model (model.ts) may have done. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { checkCompositions } from "./check.ts";

it("compositions by chance do what they may", { timeout: 300_000 }, async () => {
  const { runs, unknown } = await checkCompositions(150, 20261130);
  assert.ok(runs > 200, "some are run in two ways");
  assert.ok(unknown < 3, `of ${unknown} it is not known`);
});
