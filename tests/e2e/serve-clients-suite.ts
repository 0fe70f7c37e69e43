/** A server command that has slow and broken clients (serve/broken-clients.ts), one after the other: see serve-suite.ts. */
import { after, before, describe, it } from "node:test";
import { guestFile } from "./host.ts";
import { assertAnswers, assertNoneLeft, brokenClients } from "./serve/broken-clients.ts";
import { Server } from "./serve/server.ts";
import type { Serving } from "./serve-suite.ts";

export function serveClientsSuite({ name, command, wasmtime, skip = false }: Serving): void {
  describe(`slow and broken clients of ${name}`, { skip }, () => {
    let server: Server;
    before(async () => {
      server = await Server.start(command, guestFile("http/serve"), ["-Sinherit-network"]);
    });
    after(async () => {
      await server[Symbol.asyncDispose]();
    });

    for (const { title, notWasmtime, behave } of brokenClients) {
      it(title, { skip: wasmtime && notWasmtime }, async () => {
        await behave(server);
        await assertAnswers(server);
        await assertNoneLeft(server);
      });
    }
  });
}
