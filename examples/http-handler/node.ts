/** A component behind node:http: node node.ts app.wasm 8080 */
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";
import { handler } from "../../src/index.ts"; // "pollux"
import { listenerOf } from "./node-listener.ts";

const [file = "app.wasm", port = "8080"] = process.argv.slice(2);
const answer = await handler(pathToFileURL(file), { stderr: "inherit" });
const server = createServer(listenerOf(answer));
server.listen(Number(port), "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object") console.log(`Serving HTTP on http://127.0.0.1:${address?.port}/`);
});
