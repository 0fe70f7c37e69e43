import { run } from "/work/w-lib/src/index.ts";

const { exitCode, stdout } = await run("hello.wasm", { args: ["hello"], stdout: "text" });
console.log(exitCode, stdout.trim()); // 0 hello, world
