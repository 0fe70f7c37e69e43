import { instantiate } from "/work/w-lib/src/index.ts";

interface Upper {
  upper(bytes: Iterable<Uint8Array>): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
}

const piece = (length: number) => console.log(`${length} bytes`); // 5 bytes
await using app = await instantiate<Upper>("upper.wasm", { piece });
const stream = await app.upper([new TextEncoder().encode("hello")]);
console.log(await new Response(stream).text()); // HELLO
