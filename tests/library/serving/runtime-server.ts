/** The servers of the runtimes, with a handler of ours. */
import { once } from "node:events";
import { createServer } from "node:http";
import { listenerOf } from "../../../examples/http-handler/node-listener.ts";
import type { Handler } from "../../../src/index.ts";
import { runtime } from "../../adapters/runtime.ts";

export interface RuntimeServer {
  readonly port: number;
  close(): Promise<void>;
}

export const runtimeServerName = { bun: "Bun.serve", deno: "Deno.serve", node: "node:http" }[runtime];

/** The one of the runtime that runs this test. */
export function startRuntimeServer(answer: Handler): Promise<RuntimeServer> {
  return { bun: startBun, deno: startDeno, node: startNode }[runtime](answer);
}

async function startBun(answer: Handler): Promise<RuntimeServer> {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer, error: () => new Response(null) });
  return { port: Number(server.url.port), close: () => server.stop(true) };
}

async function startDeno(answer: Handler): Promise<RuntimeServer> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  return { port: server.addr.port, close: () => server.shutdown() };
}

async function startNode(answer: Handler): Promise<RuntimeServer> {
  const server = createServer(listenerOf(answer)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
