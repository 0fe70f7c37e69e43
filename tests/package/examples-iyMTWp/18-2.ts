import { handler } from "/work/w-lib/src/index.ts";

await using answer = await handler("http/serve-hello.wasm");
const response = await answer(new Request("http://localhost/"));
console.log((await response.text()).trim()); // Hello, World!
// Bun.serve({ fetch: answer }); Deno.serve(answer); app.all("*", (c) => answer(c.req.raw));
