/** Two guests in one program, a server and its client, beside the program's own work: node host.ts */
import { run } from "../../src/index.ts"; // "pollux"

const guest = (name: string) => new URL(`../target/wasm32-wasip2/release/${name}.wasm`, import.meta.url);

/** Where the server listens is the first line that it prints. */
const { promise: address, resolve } = Promise.withResolvers<string>();
const done = new AbortController();
const server = run(guest("server"), {
  args: ["server"],
  network: { allow: ["listen:127.0.0.1:*"] },
  stdout: (bytes) => resolve(new TextDecoder().decode(bytes).trim()),
  stderr: "inherit",
  signal: done.signal,
});

const client = await run(guest("client"), {
  args: ["client", await address, "the quick brown fox jumps over the lazy dog"],
  // This server, and nobody else.
  network: { allow: [`connect:${await address}`] },
  stdout: "inherit",
  stderr: "inherit",
});

done.abort("the client is done");
const reason = await server.catch((reason: unknown) => reason);
console.log(`client: exit code ${client.exitCode}; server: ${reason}`);
