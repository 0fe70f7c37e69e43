import { dial, listen } from "/work/w-lib/src/index.ts";

await using listener = await listen("127.0.0.1:0");
await using conn = await dial(listener.localAddress, { timeout: 5000 });
const peer = await listener.accept();
await peer.write(new TextEncoder().encode("hello"));
await peer.close();
console.log(await new Response(conn.readable).text()); // hello
