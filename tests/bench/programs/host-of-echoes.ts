/** A program with an HTTP server of its own that runs four echo guests, suspended while they wait. */
import { createServer } from "node:http";
import { run } from "../../../src/index.ts";

const server = createServer((_, response) => response.end("here")).listen(0, "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));
const ports = [(server.address() as { port: number }).port, ...(await Promise.all(Array.from({ length: 4 }, echo)))];
console.log(`listening on ${ports.join(",")}`);

/** Answers the guest's port. */
function echo(): Promise<number> {
  return new Promise((resolve, reject) => {
    const decoder = new TextDecoder();
    let said = "";
    run(new URL("../../guests/tcpecho.wasm", import.meta.url), {
      args: ["echo", "127.0.0.1:0", "--no-ticks"],
      network: "inherit",
      stdout(bytes) {
        said += decoder.decode(bytes);
        const port = /^listening on 127\.0\.0\.1:(\d+)$/m.exec(said)?.[1];
        if (port !== undefined) resolve(Number(port));
      },
    }).catch(reject);
  });
}
