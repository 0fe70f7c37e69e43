/** Tests of a component by Vitest: vitest run vitest.test.ts */
import { expect, test } from "vitest";
import { handler } from "../../src/index.ts"; // "pollux"

const answer = await handler(new URL("../target/wasm32-wasip2/release/http.wasm", import.meta.url));

test("greets", async () => {
  const response = await answer(new Request("http://localhost/"));
  expect(await response.text()).toBe("Hello, World!\n");
});

test("sends back what it gets", async () => {
  const response = await answer(new Request("http://localhost/echo", { method: "POST", body: "a body" }));
  expect(await response.text()).toBe("a body");
});

test("has nothing elsewhere", async () => {
  const { status } = await answer(new Request("http://localhost/elsewhere"));
  expect(status).toBe(404);
});
