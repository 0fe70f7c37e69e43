/** A component behind Bun.serve: bun bun.ts app.wasm 8080 */
import { pathToFileURL } from "node:url";
import { handler } from "../../src/index.ts"; // "pollux"

const [file = "app.wasm", port = "8080"] = process.argv.slice(2);
const answer = await handler(pathToFileURL(file), { stderr: "inherit" });
const server = Bun.serve({ hostname: "127.0.0.1", port: Number(port), fetch: answer });
console.log(`Serving HTTP on ${server.url}`);
