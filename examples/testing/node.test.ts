/** Tests of a component by node:test: node --test node.test.ts */
import assert from "node:assert/strict";
import { test } from "node:test";
import { handler } from "../../src/index.ts"; // "pollux"

const answer = await handler(new URL("../target/wasm32-wasip2/release/http.wasm", import.meta.url));

test("greets", async () => {
  const response = await answer(new Request("http://localhost/"));
  assert.equal(await response.text(), "Hello, World!\n");
});

test("sends back what it gets", async () => {
  const response = await answer(new Request("http://localhost/echo", { method: "POST", body: "a body" }));
  assert.equal(await response.text(), "a body");
});

test("has nothing elsewhere", async () => {
  const { status } = await answer(new Request("http://localhost/elsewhere"));
  assert.equal(status, 404);
});
