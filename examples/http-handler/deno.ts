/** A component behind Deno.serve: deno run --allow-net --allow-read deno.ts app.wasm 8080 */
import { pathToFileURL } from "node:url";
import { handler } from "../../src/index.ts"; // "@pollux/pollux"

const [file = "app.wasm", port = "8080"] = Deno.args;
const answer = await handler(pathToFileURL(file), { stderr: "inherit" });
Deno.serve(
  {
    hostname: "127.0.0.1",
    port: Number(port),
    onListen: (address) => console.log(`Serving HTTP on http://${address.hostname}:${address.port}/`),
  },
  answer,
);
