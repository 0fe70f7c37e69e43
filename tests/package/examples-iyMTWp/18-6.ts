import { serve } from "/work/w-lib/src/index.ts";

await using server = await serve("http/serve-hello.wasm", { port: 0 });
const response = await fetch(server.url);
console.log((await response.text()).trim()); // Hello, World!
