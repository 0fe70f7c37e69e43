import { compile, run } from "/work/w-lib/src/index.ts";

const hello = await compile("hello.wasm");
for (let i = 0; i < 3; i++) await run(hello, { stdout: "inherit" });
