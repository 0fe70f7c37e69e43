import { dial, listen } from "/work/w-lib/src/index.ts";

const listener = await listen("127.0.0.1:0");
const echo = async () => {
  for await (const conn of listener) conn.readable.pipeTo(conn.writable).catch(console.error);
};
const serving = echo();
const conn = await dial(listener.localAddress);
await conn.write(new TextEncoder().encode("hello"));
const buffer = new Uint8Array(1024);
const count = await conn.read(buffer);
console.log(new TextDecoder().decode(buffer.subarray(0, count))); // hello
await Promise.all([conn.close(), listener.close(), serving]);
